//! The guides: files of the repository, compiled in, and where their links lead.

/// A guide.
pub(super) struct Guide {
    /// Below `/docs/`.
    pub(super) name: &'static str,
    /// Its path in the repository.
    pub(super) file: &'static str,
    /// What it is about, in one line.
    pub(super) about: &'static str,
    pub(super) text: &'static str,
}

macro_rules! guides {
    ($($name:literal is $file:literal: $about:literal),+ $(,)?) => {
        /// In the order in which they are listed.
        pub(super) const GUIDES: &[Guide] = &[$(Guide {
            name: $name,
            file: $file,
            about: $about,
            text: include_str!(concat!("../../../../", $file)),
        }),+];
    };
}

guides! {
    "truelens" is "docs/truelens.md": "liveness on a hosted page, with a public badge: a walk, what is there, what is decided",
    "mosaic" is "docs/mosaic.md": "documents and their holders verified by your server: a walk, what is there, what is decided",
    "vlens" is "docs/vlens.md": "people who register and sign in with codes, and tokens of staff: what is the same, what differs, what is not there yet",
    "truora" is "docs/truora.md": "faces validated by photo, and the blocklist: what is there, what is the same, what differs",
    "move-from-truora" is "docs/move-from-truora.md": "what to do about each part, step by step",
    "webhooks" is "docs/webhooks.md": "what is told, in which order, how to verify and answer it",
    "capture" is "docs/capture.md": "for whoever writes a page or an app of their own",
    "install" is "docs/install.md": "from source, with systemd, as a container, without a network, TLS",
    "operate" is "docs/operate.md": "settings, limits, monitoring, keys, backup, upgrades, retention",
    "documents" is "docs/documents.md": "which documents are read, what of them, and how exactly",
    "egyptian-cards" is "docs/egyptian-cards.md": "the national number, what has to agree on a card, and English twins of Arabic fields",
    "screening" is "docs/screening.md": "names looked up in lists of sanctioned people: loading, hits, false hits, figures",
    "voice" is "docs/voice.md": "whether a token was said in a recording: how it is heard, what is decided, figures",
    "calibration" is "docs/calibration.md": "which error rates stand behind a score and a threshold",
    "quality" is "docs/quality.md": "what is measured of a photo, and how much is too little",
    "live-capture" is "docs/models/live_capture.md": "what a live capture looks at, what passes it, and what was measured",
    "security" is "SECURITY.md": "what is kept and how, what is defended, which attacks are known to pass",
}

/// Where a link of a file of the repository leads.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// Elsewhere, or within the page: it stays as it is.
    Kept,
    /// A path of this server, with a fragment where there was one.
    Here(String),
    /// A file that is not served.
    Nowhere,
}

/// Where `link` leads that stands in `file`.
pub(super) fn target(file: &str, link: &str) -> Target {
    if link.starts_with('#') || link.contains(':') {
        return Target::Kept;
    }
    if link.starts_with('/') {
        return Target::Here(link.to_owned());
    }
    let (path, fragment) = link.split_at(link.find('#').unwrap_or(link.len()));
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            ".." => drop(parts.pop()),
            "." => (),
            part => parts.push(part),
        }
    }
    let path = parts.join("/");
    match GUIDES.iter().find(|guide| guide.file == path) {
        Some(guide) => Target::Here(format!("/docs/{}{fragment}", guide.name)),
        None => Target::Nowhere,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_between_files_lead_to_their_pages() {
        let here = |path: &str| Target::Here(path.to_owned());
        assert_eq!(target("docs/truora.md", "operate.md"), here("/docs/operate"));
        assert_eq!(target("docs/truora.md", "./operate.md#limits"), here("/docs/operate#limits"));
        assert_eq!(target("docs/truora.md", "../SECURITY.md"), here("/docs/security"));
        assert_eq!(target("SECURITY.md", "docs/operate.md"), here("/docs/operate"));
        assert_eq!(target("docs/truora.md", "/openapi/truora.json"), here("/openapi/truora.json"));
        assert_eq!(target("docs/truora.md", "../deploy/Containerfile"), Target::Nowhere);
        assert_eq!(target("docs/truora.md", "#limits"), Target::Kept);
        assert_eq!(target("docs/truora.md", "https://example.com/operate.md"), Target::Kept);
    }
}
