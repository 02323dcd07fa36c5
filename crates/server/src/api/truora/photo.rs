//! What the OpenAPI document says of the bytes of a photo or video.

use utoipa::openapi::schema::{ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{KnownFormat, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// The bytes of a photo or video.
pub(crate) enum Photo {}

impl PartialSchema for Photo {
    fn schema() -> RefOr<Schema> {
        let bytes = ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)))
            .description(Some("The bytes of a photo or video."));
        RefOr::T(Schema::Object(bytes.build()))
    }
}

impl ToSchema for Photo {}
