//! Which operations there are: taken from the same declarations as the OpenAPI document, so that `Allow` and the known
//! query parameters cannot differ from what the document says.

use actix_web::{dev::ResourceDef, http::Method};
use serde_json::Value;

/// The declared operations.
#[derive(Debug, Clone)]
pub(crate) struct Routes(Vec<Route>);

#[derive(Debug, Clone)]
struct Route {
    template: String,
    pattern: ResourceDef,
    operations: Vec<Operation>,
}

#[derive(Debug, Clone)]
struct Operation {
    method: Method,
    query: Vec<String>,
}

impl Routes {
    /// The operations of the `paths` of an OpenAPI document.
    pub(crate) fn of(paths: &Value) -> Self {
        let mut routes: Vec<Route> =
            paths.as_object().into_iter().flatten().map(|(template, item)| Route::of(template, item)).collect();
        // a literal segment wins over a placeholder
        routes.sort_by_key(|route| route.template.matches('{').count());
        Self(routes)
    }

    /// The declared path that this path is an instance of, as it stands in the document.
    pub(crate) fn template(&self, path: &str) -> Option<&str> {
        self.matching(path).next().map(|route| route.template.as_str())
    }

    /// The value of `Allow` for a path, `None` if there is no such path. What serves GET serves HEAD, and every path
    /// answers OPTIONS.
    pub(crate) fn allow(&self, path: &str) -> Option<String> {
        let declared = self.methods(path);
        if declared.is_empty() {
            return None;
        }
        let all = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
        let mut allowed: Vec<&str> = all
            .iter()
            .filter(|method| declared.contains(&if **method == Method::HEAD { &Method::GET } else { method }))
            .map(Method::as_str)
            .collect();
        allowed.push("OPTIONS");
        Some(allowed.join(", "))
    }

    /// Whether the path has an operation with this method.
    pub(crate) fn has(&self, path: &str, method: &Method) -> bool {
        self.methods(path).contains(&method)
    }

    /// The first query parameter that the operation does not have.
    pub(crate) fn unknown_parameter(&self, path: &str, method: &Method, query: &str) -> Option<String> {
        let operation = self.matching(path).flat_map(|route| &route.operations).find(|known| known.method == method)?;
        form_urlencoded::parse(query.as_bytes())
            .map(|(name, _)| name)
            .find(|name| !operation.query.iter().any(|known| known == name))
            .map(std::borrow::Cow::into_owned)
    }

    fn methods(&self, path: &str) -> Vec<&Method> {
        self.matching(path).flat_map(|route| &route.operations).map(|operation| &operation.method).collect()
    }

    fn matching(&self, path: &str) -> impl Iterator<Item = &Route> {
        self.0.iter().filter(move |route| route.pattern.is_match(path))
    }
}

impl Route {
    fn of(template: &str, item: &Value) -> Self {
        let operations = item
            .as_object()
            .into_iter()
            .flatten()
            .filter_map(|(name, operation)| {
                let method = Method::from_bytes(name.to_ascii_uppercase().as_bytes()).ok()?;
                Some(Operation { method, query: query_names(operation) })
            })
            .collect();
        Self { template: template.to_owned(), pattern: ResourceDef::new(template), operations }
    }
}

fn query_names(operation: &Value) -> Vec<String> {
    let parameters = operation.get("parameters").and_then(Value::as_array).into_iter().flatten();
    parameters
        .filter(|parameter| parameter.get("in").and_then(Value::as_str) == Some("query"))
        .filter_map(|parameter| parameter.get("name").and_then(Value::as_str).map(str::to_owned))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn routes() -> Routes {
        Routes::of(&json!({
            "/v1/things/{id}": {"get": {}, "delete": {}},
            "/v1/things/current": {"delete": {}},
            "/v1/things": {"get": {"parameters": [{"in": "query", "name": "limit"}, {"in": "header", "name": "x"}]},
                           "post": {}},
        }))
    }

    #[test]
    fn allow_lists_what_is_declared() {
        let routes = routes();
        assert_eq!(routes.allow("/v1/things").unwrap(), "GET, HEAD, POST, OPTIONS");
        assert_eq!(routes.allow("/v1/things/7").unwrap(), "GET, HEAD, DELETE, OPTIONS");
        assert_eq!(routes.allow("/v1/things/7/x"), None);
        assert_eq!(routes.allow("/v1/things/"), None);
        assert_eq!(routes.allow(""), None);
        assert!(routes.has("/v1/things/7", &Method::DELETE));
        assert!(!routes.has("/v1/things/7", &Method::POST));
    }

    #[test]
    fn a_literal_segment_wins() {
        assert_eq!(routes().template("/v1/things/current"), Some("/v1/things/current"));
        assert_eq!(routes().template("/v1/things/7"), Some("/v1/things/{id}"));
        assert_eq!(routes().template("/x"), None);
    }

    #[test]
    fn unknown_parameters_are_found() {
        let unknown = |path, query| routes().unknown_parameter(path, &Method::GET, query);
        assert_eq!(unknown("/v1/things", ""), None);
        assert_eq!(unknown("/v1/things", "limit=1"), None);
        assert_eq!(unknown("/v1/things", "limit=1&x=2").as_deref(), Some("x"));
        assert_eq!(unknown("/v1/things/7", "x").as_deref(), Some("x"));
        assert_eq!(unknown("/elsewhere", "x"), None);
    }
}
