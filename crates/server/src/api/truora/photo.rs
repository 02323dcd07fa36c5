//! What the OpenAPI document says of the bytes of a photo.

use utoipa::openapi::schema::{ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{KnownFormat, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// The bytes of a photo.
pub(crate) enum Photo {}

impl PartialSchema for Photo {
    fn schema() -> RefOr<Schema> {
        let bytes = ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)))
            .description(Some("The bytes of a photo."));
        RefOr::T(Schema::Object(bytes.build()))
    }
}

impl ToSchema for Photo {}
