//! That whatever the server can say has a sentence.

use axum::http::HeaderMap;
use utoipa::PartialSchema as _;

use crate::api::mosaic::Feedback;
use crate::hosted::Texts;

#[test]
fn every_feedback_has_a_sentence_in_both_languages() {
    let schema = serde_json::to_value(Feedback::schema()).unwrap();
    let words = schema["enum"].as_array().expect("all words in one list");
    let words: Vec<&str> = words.iter().filter_map(serde_json::Value::as_str).collect();
    assert_eq!(words.len(), 24);
    for language in ["en", "ar"] {
        let texts = Texts::choose(Some(language), &HeaderMap::new()).for_scripts();
        for word in words.iter().filter(|word| **word != "ok") {
            assert!(texts.contains_key(&format!("feedback-{word}")), "{word} in {language}");
        }
    }
}
