//! `GET /verify/assets/{file}`: scripts and styles of the pages, from the program itself.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

macro_rules! files {
    ($($name:literal as $kind:expr),+ $(,)?) => {
        /// Name, media type and content of every file.
        const FILES: &[(&str, &str, &[u8])] =
            &[$(($name, $kind, include_bytes!(concat!("../../../../web/capture/", $name)))),+];
    };
}

const SCRIPT: &str = "text/javascript; charset=utf-8";

files! {
    "attempt.js" as SCRIPT,
    "camera.js" as SCRIPT,
    "challenge.js" as SCRIPT,
    "consent.js" as SCRIPT,
    "document.js" as SCRIPT,
    "frames.js" as SCRIPT,
    "guidance.js" as SCRIPT,
    "live.js" as SCRIPT,
    "main.js" as SCRIPT,
    "message.js" as SCRIPT,
    "phone.js" as SCRIPT,
    "server.js" as SCRIPT,
    "session.js" as SCRIPT,
    "support.js" as SCRIPT,
    "texts.js" as SCRIPT,
    "view.js" as SCRIPT,
    "capture.css" as "text/css; charset=utf-8",
    "icon.svg" as "image/svg+xml",
}

pub(crate) async fn handler(Path(file): Path<String>) -> Response {
    match FILES.iter().find(|(name, _, _)| *name == file) {
        Some((_, kind, content)) => ([(header::CONTENT_TYPE, *kind)], *content).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn every_file_of_the_page_is_served() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../web/capture");
        let mut there: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        there.sort();
        let mut served: Vec<&str> = FILES.iter().map(|(name, _, _)| *name).collect();
        served.sort_unstable();
        assert_eq!(there, served);
    }

    /// The scripts that `name` imports, and what these import, each once.
    fn scripts(name: &str, found: &mut Vec<&'static [u8]>) {
        let (_, _, content) = FILES.iter().find(|(file, _, _)| *file == name).expect("a file of the page");
        if found.contains(content) {
            return;
        }
        found.push(content);
        let text = std::str::from_utf8(content).unwrap();
        let imports = text.lines().filter(|line| line.starts_with("import "));
        for line in imports {
            scripts(line.split('\'').nth(1).unwrap().trim_start_matches("./"), found);
        }
    }

    #[test]
    fn the_scripts_of_each_page_are_small() {
        for (page, least) in [("main.js", 10), ("session.js", 12)] {
            let mut found = vec![];
            scripts(page, &mut found);
            assert!(found.len() > least, "{page} imports {} files", found.len());
            let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            for content in found {
                packed.write_all(content).unwrap();
            }
            let bytes = packed.finish().unwrap().len();
            assert!(bytes < 30_000, "{page}: {bytes} bytes");
        }
    }
}
