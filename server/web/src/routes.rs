//! Which operations there are: taken from the same declarations as the OpenAPI document, so that `Allow` and the known
//! query parameters cannot differ from what the document says.

use actix_web::http::Method;
use serde_json::Value;

/// The declared operations.
#[derive(Debug)]
pub(crate) struct Routes(Vec<Route>);

#[derive(Debug)]
struct Route {
    template: String,
    operations: Vec<Operation>,
}

#[derive(Debug)]
struct Operation {
    method: Method,
    query: Vec<String>,
}

/// What is declared for one path. Nothing, if there is no such path.
#[derive(Debug)]
pub(crate) struct Here<'a>(Vec<&'a Route>);

impl Routes {
    /// The operations of the `paths` of an OpenAPI document.
    pub(crate) fn of(paths: &Value) -> Self {
        let mut routes: Vec<Route> =
            paths.as_object().into_iter().flatten().map(|(template, item)| Route::of(template, item)).collect();
        // a literal segment wins over a placeholder
        routes.sort_by_key(|route| route.template.matches('{').count());
        Self(routes)
    }

    /// What is declared for this path, without its query.
    pub(crate) fn here(&self, path: &str) -> Here<'_> {
        Here(self.0.iter().filter(|route| fits(&route.template, path)).collect())
    }
}

impl<'a> Here<'a> {
    /// The declared path that this path is an instance of, as it stands in the document.
    pub(crate) fn template(&self) -> Option<&'a str> {
        self.0.first().map(|route| route.template.as_str())
    }

    /// The value of `Allow`, `None` if there is no such path. What serves GET serves HEAD, and every path answers OPTIONS.
    pub(crate) fn allow(&self) -> Option<String> {
        self.operations().next()?;
        let all = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
        let mut allowed: Vec<&str> = all
            .iter()
            .filter(|method| self.has(if **method == Method::HEAD { &Method::GET } else { method }))
            .map(Method::as_str)
            .collect();
        allowed.push("OPTIONS");
        Some(allowed.join(", "))
    }

    /// Whether the path has an operation with this method.
    pub(crate) fn has(&self, method: &Method) -> bool {
        self.operations().any(|operation| operation.method == method)
    }

    /// The first query parameter that the operation does not have.
    pub(crate) fn unknown_parameter(&self, method: &Method, query: &str) -> Option<String> {
        let operation = self.operations().find(|known| known.method == method)?;
        form_urlencoded::parse(query.as_bytes())
            .map(|(name, _)| name)
            .find(|name| !operation.query.iter().any(|known| known == name))
            .map(std::borrow::Cow::into_owned)
    }

    fn operations(&self) -> impl Iterator<Item = &'a Operation> {
        self.0.iter().flat_map(|route| &route.operations)
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
        Self { template: template.to_owned(), operations }
    }
}

/// Whether a path is an instance of a template: the same segments, and something where a placeholder is. Placeholders are
/// whole segments everywhere, which a test sees to.
fn fits(template: &str, path: &str) -> bool {
    let (mut declared, mut asked) = (template.split('/'), path.split('/'));
    loop {
        match (declared.next(), asked.next()) {
            (None, None) => return true,
            (Some(literal), Some(segment)) if literal == segment => {}
            (Some(placeholder), Some(segment)) if placeholder.starts_with('{') && !segment.is_empty() => {}
            _ => return false,
        }
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
        assert_eq!(routes.here("/v1/things").allow().unwrap(), "GET, HEAD, POST, OPTIONS");
        assert_eq!(routes.here("/v1/things/7").allow().unwrap(), "GET, HEAD, DELETE, OPTIONS");
        assert_eq!(routes.here("/v1/things/7/x").allow(), None);
        assert_eq!(routes.here("/v1/things/").allow(), None);
        assert_eq!(routes.here("").allow(), None);
        assert!(routes.here("/v1/things/7").has(&Method::DELETE));
        assert!(!routes.here("/v1/things/7").has(&Method::POST));
    }

    #[test]
    fn a_literal_segment_wins() {
        assert_eq!(routes().here("/v1/things/current").template(), Some("/v1/things/current"));
        assert_eq!(routes().here("/v1/things/7").template(), Some("/v1/things/{id}"));
        assert_eq!(routes().here("/x").template(), None);
    }

    #[test]
    fn unknown_parameters_are_found() {
        let unknown = |path, query| routes().here(path).unknown_parameter(&Method::GET, query);
        assert_eq!(unknown("/v1/things", ""), None);
        assert_eq!(unknown("/v1/things", "limit=1"), None);
        assert_eq!(unknown("/v1/things", "limit=1&x=2").as_deref(), Some("x"));
        assert_eq!(unknown("/v1/things/7", "x").as_deref(), Some("x"));
        assert_eq!(unknown("/elsewhere", "x"), None);
    }

    #[test]
    fn a_placeholder_is_a_whole_segment_and_never_empty() {
        for template in crate::ROUTES.0.iter().map(|route| &route.template) {
            for segment in template.split('/').filter(|segment| segment.contains(['{', '}', ':'])) {
                assert!(segment.starts_with('{') && segment.ends_with('}') && !segment.contains(':'), "{template}");
            }
        }
        assert!(routes().here("/v1/things/").template().is_none());
        assert!(routes().here("/v1/things/7/").template().is_none());
        assert!(routes().here("v1/things").template().is_none());
    }
}
