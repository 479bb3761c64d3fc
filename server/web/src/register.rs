//! Where rooms say what they have: handlers for the workers, descriptions for the document and the door.
//!
//! Both come from the same lines of a room, so that nothing can be served that is not described. A worker takes the
//! handlers alone: the descriptions are a megabyte of text, the same for all of them, and put together once.

use actix_web::{dev::HttpServiceFactory, web};
use utoipa::openapi::{Components, OpenApi};
use utoipa_actix_web::OpenApiFactory;

/// What a room is handed to say what it has.
pub(crate) struct ServiceConfig<'a>(Taken<'a>);

enum Taken<'a> {
    Handlers(&'a mut web::ServiceConfig),
    Descriptions(&'a mut OpenApi),
}

impl<'a> ServiceConfig<'a> {
    /// Takes the handlers, for a worker.
    pub(crate) const fn serving(handlers: &'a mut web::ServiceConfig) -> Self {
        Self(Taken::Handlers(handlers))
    }

    /// Takes the descriptions, into this document.
    pub(crate) const fn describing(document: &'a mut OpenApi) -> Self {
        Self(Taken::Descriptions(document))
    }

    /// One operation of the room.
    pub(crate) fn service<H: HttpServiceFactory + OpenApiFactory + 'static>(&mut self, handler: H) -> &mut Self {
        match &mut self.0 {
            Taken::Handlers(handlers) => {
                handlers.service(handler);
            }
            Taken::Descriptions(document) => {
                document.paths.merge(handler.paths());
                let mut schemas = Vec::new();
                handler.schemas(&mut schemas);
                document.components.get_or_insert_with(Components::new).schemas.extend(schemas);
            }
        }
        self
    }
}
