//! What holds for all routes.

mod badges;
mod limits;
mod sessions;

use utoipa::openapi::OpenApi;

fn document() -> OpenApi {
    let dialect = super::dialect();
    let (_, mut document) = dialect.router.split_for_parts();
    document.info = dialect.info;
    // A release alone changes nothing that was agreed.
    document.info.version = "0".to_owned();
    document
}

#[test]
fn the_document_is_as_it_was_agreed() {
    insta::assert_snapshot!("openapi", document().to_pretty_json().unwrap());
}

#[test]
fn every_route_of_the_document_says_how_it_fails() {
    let document = serde_json::to_value(document()).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let text = document.to_string();
    for name in text.split("#/components/schemas/").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(document["components"]["schemas"].get(name).is_some(), "{name} is nowhere");
    }
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            for (status, response) in operation["responses"].as_object().unwrap() {
                let schema = &response["content"]["application/json"]["schema"]["$ref"];
                let is_page = response["content"]["text/html"].is_object();
                if !status.starts_with('2') && !is_page {
                    assert_eq!(schema, "#/components/schemas/ApiError", "{method} {path} {status}");
                }
            }
        }
    }
}
