//! What is pinned: the packages, the files in them, and their hashes.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::sha256::Sha256;
use crate::transform::Transform;

/// What a file is needed for; the unit in which files are pulled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Group {
    /// Finding, comparing and judging faces, with the inference runtime.
    Face,
    /// Reading documents, with the inference runtime.
    Document,
    /// Photos for the project's own tests. Some of them come in source packages, see [`Manager::PypiSdist`].
    Test,
    /// Reading recordings: the program that decodes them.
    Video,
    /// Hearing what is said in recordings, with the inference runtime.
    Voice,
}

impl Group {
    /// All groups.
    pub const ALL: [Self; 5] = [Self::Face, Self::Document, Self::Test, Self::Video, Self::Voice];

    /// The word for the group, as in the manifest and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Face => "face",
            Self::Document => "document",
            Self::Test => "test",
            Self::Video => "video",
            Self::Voice => "voice",
        }
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A word that names no [`Group`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no group of assets named {0:?}: the groups are {all}", all = Group::ALL.map(Group::as_str).join(", "))]
pub struct UnknownGroup(pub String);

impl FromStr for Group {
    type Err = UnknownGroup;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|group| group.as_str() == word)
            .ok_or_else(|| UnknownGroup(word.to_owned()))
    }
}

/// The client that fetches a package, and the kind of archive it brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Manager {
    /// A wheel, by `pip download`: a zip file of which nothing is run.
    PypiWheel,
    /// A source package, by `pip download`: a gzipped tar file. pip runs the package's own metadata step while
    /// it downloads one, before its hash can be checked; so only the test group may hold such packages.
    PypiSdist,
    /// A package of `npm pack` with scripts off: a gzipped tar file of which nothing is run.
    Npm,
}

/// A processor architecture for which a package is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Arch {
    /// The files do not depend on the processor.
    #[default]
    #[serde(rename = "any")]
    Any,
    /// 64-bit x86.
    #[serde(rename = "x86_64")]
    X86_64,
    /// 64-bit ARM.
    #[serde(rename = "aarch64")]
    Aarch64,
}

/// One archive of a registry, and the files that are taken from it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Package {
    /// Which client fetches it.
    pub manager: Manager,
    /// Its name in the registry; an npm name may have a scope.
    pub name: String,
    /// Its exact version.
    pub version: String,
    /// The platform tag that pip is asked for.
    #[serde(default = "any_platform")]
    pub platform: String,
    /// The architecture its files are for.
    #[serde(default)]
    pub arch: Arch,
    /// The name under which the client saves the archive.
    pub archive: String,
    /// SHA-256 of the archive.
    pub sha256: Sha256,
    /// Length of the archive in bytes.
    pub size: u64,
    /// The files that are taken from it.
    #[serde(rename = "file")]
    pub files: Vec<AssetFile>,
}

fn any_platform() -> String {
    "any".to_owned()
}

impl Package {
    /// The folder of the package's files in the store: name and version, a scoped npm name flattened as npm
    /// itself does for its archives.
    pub fn folder(&self) -> String {
        format!("{}-{}", self.name.trim_start_matches('@').replace('/', "-"), self.version)
    }
}

impl fmt::Display for Package {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.version)
    }
}

/// One file of a package.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssetFile {
    /// The name by which the program asks for it; the same on every architecture.
    pub id: String,
    /// Its path inside the archive.
    pub path: String,
    /// Its name in the store, where the last part of its path is not one that tells it from others.
    pub name: Option<String>,
    /// SHA-256 of the file as it lies in the archive.
    pub sha256: Sha256,
    /// Its length in bytes.
    pub size: u64,
    /// The licence of the file, or what is known of it.
    pub licence: String,
    /// What it is for, in one sentence.
    pub purpose: String,
    /// The groups that need it.
    pub groups: Vec<Group>,
    /// The rewrite whose output is handed out in place of the file.
    pub transform: Option<Output>,
    /// Whether it is a program, which is run and not only read.
    #[serde(default)]
    pub program: bool,
}

impl AssetFile {
    /// Its name in the store: the last part of its path, unless it was given one.
    pub fn file_name(&self) -> &str {
        if let Some(name) = &self.name {
            return name;
        }
        self.path.rsplit_once('/').map_or(&*self.path, |(_, name)| name)
    }

    /// The name of what is handed out: that of the rewritten file where there is one, else [`Self::file_name`].
    pub fn output_name(&self) -> String {
        let name = self.file_name();
        match &self.transform {
            None => name.to_owned(),
            Some(output) => format!("{}.{}.onnx", name.strip_suffix(".onnx").unwrap_or(name), output.name),
        }
    }

    /// Whether any of `groups` needs it.
    pub fn is_in(&self, groups: &[Group]) -> bool {
        self.groups.iter().any(|group| groups.contains(group))
    }
}

/// A rewrite and its pinned output.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Output {
    /// The rewrite.
    pub name: Transform,
    /// Ids of the files that are rewritten, one after the other as if they were one; without any the file alone. They
    /// are taken as they come out of their packages.
    #[serde(default)]
    pub made_of: Vec<String>,
    /// SHA-256 of the rewritten file.
    pub sha256: Sha256,
    /// Its length in bytes.
    pub size: u64,
}

/// All packages.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    #[serde(rename = "package")]
    packages: Vec<Package>,
}

impl Manifest {
    /// The manifest that the program was built with.
    pub fn embedded() -> &'static Self {
        static EMBEDDED: LazyLock<Manifest> = LazyLock::new(|| {
            #[expect(clippy::expect_used, reason = "the text is part of the program, and a test parses it")]
            Manifest::parse(include_str!("../manifest.toml")).expect("the embedded manifest is valid")
        });
        &EMBEDDED
    }

    pub(crate) fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// The packages, for all architectures, in the order in which they are pulled.
    pub fn packages(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter()
    }

    /// The files with their packages, for all architectures.
    pub fn files(&self) -> impl Iterator<Item = (&Package, &AssetFile)> {
        self.packages.iter().flat_map(|package| package.files.iter().map(move |file| (package, file)))
    }
}
