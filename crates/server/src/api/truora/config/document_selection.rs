//! `GET /v1/config/document-selection`: which documents are read, for those who let people choose.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::truora::auth::TruoraCaller;
use crate::api::truora::documents::{DocumentType, ISSUERS, Issuer};
use crate::api::truora::error::KeyErrors;

/// The documents that are read.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DocumentSelection {
    countries: Vec<SelectableCountry>,
}

/// A country, and what is read of it.
#[derive(Debug, Serialize, ToSchema)]
struct SelectableCountry {
    /// ISO 3166-1 alpha-2, or `ALL` for documents of any country.
    #[schema(example = "CO")]
    country: &'static str,
    /// As a person reads it, in English.
    #[schema(example = "Colombia")]
    display_name: &'static str,
    flag: Flag,
    document_types: Vec<SelectableDocument>,
}

/// A country's flag.
#[derive(Debug, Serialize, ToSchema)]
struct Flag {
    /// An SVG picture as a `data:` URL, so that no other host is asked: the flag as the device itself draws it.
    url: String,
}

/// A kind of document.
#[derive(Debug, Serialize, ToSchema)]
struct SelectableDocument {
    document_type: DocumentType,
    /// As a person reads it, in English.
    #[schema(example = "National identity card")]
    display_name: &'static str,
    /// Pictures of such documents. There are none.
    examples: Vec<DocumentExample>,
}

/// A picture of a document.
#[derive(Debug, Serialize, ToSchema)]
struct DocumentExample {
    asset_id: String,
    url: String,
    caption: String,
}

impl Flag {
    /// The flag that stands for `code` in Unicode: two regional indicators, or a globe.
    fn of(code: &str) -> Self {
        let letters: Vec<u32> =
            code.bytes().map(|letter| 0x1_F1E6 + u32::from(letter) - u32::from(b'A')).collect();
        let signs = if letters.len() == 2 { letters } else { vec![0x1_F310] };
        let text = signs.iter().fold(String::new(), |text, sign| format!("{text}%26%23x{sign:X};"));
        let url = format!(
            "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'%3E\
             %3Ctext x='12' y='19' font-size='19' text-anchor='middle'%3E{text}%3C/text%3E%3C/svg%3E"
        );
        Self { url: url.replace(' ', "%20") }
    }
}

impl From<&Issuer> for SelectableCountry {
    fn from(issuer: &Issuer) -> Self {
        let document = |document_type: &DocumentType| SelectableDocument {
            document_type: *document_type,
            display_name: document_type.name(),
            examples: Vec::new(),
        };
        Self {
            country: issuer.code,
            display_name: issuer.name,
            flag: Flag::of(issuer.code),
            document_types: issuer.types.iter().map(document).collect(),
        }
    }
}

/// Shows which documents are read, by country.
#[utoipa::path(
    get,
    path = "/v1/config/document-selection",
    operation_id = "getDocumentSelection",
    tag = "documents",
    responses((status = 200, description = "The documents", body = DocumentSelection), KeyErrors),
)]
pub(crate) async fn handler(_: TruoraCaller) -> Json<DocumentSelection> {
    Json(DocumentSelection { countries: ISSUERS.iter().map(SelectableCountry::from).collect() })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::api::truora::testing::Bench;

    #[tokio::test]
    async fn what_is_read_is_named_and_no_other_host_is() {
        let bench = Bench::new().await;
        let shown = bench.get("/v1/config/document-selection", &bench.device).await;
        assert_eq!(shown.status, 200);
        let countries = shown.body["countries"].as_array().unwrap();
        let of = |code: &str| countries.iter().find(|country| country["country"] == code).unwrap();
        assert_eq!((countries.len(), &of("CO")["display_name"]), (13, &json!("Colombia")));
        assert_eq!(
            of("CO")["document_types"][0],
            json!({"document_type": "national-id", "display_name": "National identity card", "examples": []})
        );
        for country in countries {
            let url = country["flag"]["url"].as_str().unwrap();
            assert!(url.starts_with("data:image/svg+xml,") && !url.contains(' '), "{url}");
        }
        assert!(of("CO")["flag"]["url"].as_str().unwrap().contains("%26%23x1F1E8;%26%23x1F1F4;"));
        assert!(of("ALL")["flag"]["url"].as_str().unwrap().contains("%26%23x1F310;"));
    }
}
