//! The store with a made-up manifest, small archives and fake clients.

mod clients;
mod from_folder;
mod manifest;
mod sharing;
mod store;

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::TempDir;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::client::Finder;
use crate::platform::Platform;
use crate::transform::{Transform, samples};
use crate::{Fetch, Manifest, Sha256, Store};

const WHEEL: &str = "alpha-1.0-py3-none-any.whl";
const TARBALL: &str = "scope-beta-2.0.tgz";
const WORDS: &[u8] = b"words of alpha";
const PHOTO: &[u8] = b"a photo";

/// A machine: its programs, the archives that its registries hold, and its store. Package `alpha` is a wheel
/// with `model.onnx` (group face, rewritten) and `words.txt` (group test); `@scope/beta` comes by npm with
/// `photo.jpg` (group test).
struct Machine {
    root: TempDir,
    manifest: &'static Manifest,
}

impl Machine {
    /// One whose clients work.
    fn new() -> Self {
        let machine = Self::without_clients();
        machine.pip("cp \"$registry\"/*.whl \"$dest\"");
        machine.program("npm", "cp \"$registry\"/*.tgz \"$dest\"");
        machine
    }

    fn without_clients() -> Self {
        let root = tempfile::tempdir().unwrap();
        for folder in ["bin", "registry", "user"] {
            fs::create_dir(root.path().join(folder)).unwrap();
        }
        let registry = root.path().join("registry");
        write_wheel(&registry.join(WHEEL));
        write_tarball(&registry.join(TARBALL));
        let manifest = manifest_for(&registry);
        Self { root, manifest: Box::leak(Box::new(Manifest::parse(&manifest).unwrap())) }
    }

    fn store(&self, mode: Fetch) -> Store {
        Store {
            dir: self.at("store"),
            mode,
            manifest: self.manifest,
            platform: Platform { os: "linux", arch: "x86_64", musl: false },
            finder: Finder::only(&self.at("bin")),
        }
    }

    fn at(&self, path: &str) -> PathBuf {
        self.root.path().join(path)
    }

    /// Where the store keeps a file.
    fn kept(&self, path: &str) -> PathBuf {
        self.at("store").join(path)
    }

    /// Puts a file into the store by hand.
    fn put(&self, path: &str, bytes: &[u8]) {
        let path = self.kept(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// Installs a fake `python3` whose `-m pip` runs `body`.
    fn pip(&self, body: &str) {
        self.program("python3", body);
    }

    /// Installs a fake client. It answers `--version`, notes each other call, and runs `body` with `$registry`
    /// and `$dest` set.
    fn program(&self, name: &str, body: &str) {
        let script = format!(
            "#!/bin/sh\n\
             case \"$*\" in *' --version'|--version) exit 0;; esac\n\
             echo {name} \"$*\" >> '{calls}'\n\
             registry='{registry}'\n\
             while [ $# -gt 0 ]; do case \"$1\" in --dest|--pack-destination) dest=$2;; esac; shift; done\n\
             {body}\n",
            calls = self.at("calls").display(),
            registry = self.at("registry").display(),
        );
        self.write_program(name, &script);
    }

    /// Written by a child: a file that this process has open for writing, or a child forked meanwhile, cannot
    /// be executed.
    fn write_program(&self, name: &str, script: &str) {
        let mut writer = Command::new("/bin/sh")
            .args(["-c", "cat > \"$0\" && chmod 755 \"$0\""])
            .arg(self.at("bin").join(name))
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        writer.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
        assert!(writer.wait().unwrap().success());
    }

    /// The calls of clients so far.
    fn calls(&self) -> Vec<String> {
        let calls = fs::read_to_string(self.at("calls")).unwrap_or_default();
        calls.lines().map(str::to_owned).collect()
    }
}

fn model() -> Vec<u8> {
    samples::graph().input("input", &[1, 3, 640, 640]).output("cls_8", &[1, 6400, 1]).encode()
}

fn rewritten_model() -> Vec<u8> {
    Transform::YunetDynamic.apply(&model()).unwrap()
}

fn write_wheel(path: &Path) {
    let mut zip = ZipWriter::new(File::create(path).unwrap());
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let members: [(&str, &[u8]); 4] = [
        ("alpha/model.onnx", &model()),
        ("../../evil.txt", b"evil"),
        ("/tmp/bonafide-evil.txt", b"evil"),
        ("alpha/words.txt", WORDS),
    ];
    for (name, bytes) in members {
        zip.start_file(name, stored).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap();
}

fn write_tarball(path: &Path) {
    let mut tar = tar::Builder::new(GzEncoder::new(File::create(path).unwrap(), Compression::fast()));
    for (name, bytes) in [("../evil.txt", &b"evil"[..]), ("package/photo.jpg", PHOTO)] {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        // `set_path` refuses such names, and hostile archives do not ask it.
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_cksum();
        tar.append(&header, bytes).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap();
}

fn manifest_for(registry: &Path) -> String {
    let archive = |name: &str| {
        let bytes = fs::read(registry.join(name)).unwrap();
        format!("archive = \"{name}\"\nsha256 = \"{}\"\nsize = {}", Sha256::of(&bytes), bytes.len())
    };
    let file = |id: &str, path: &str, bytes: &[u8], group: &str| {
        format!(
            "[[package.file]]\nid = \"{id}\"\npath = \"{path}\"\nsha256 = \"{}\"\nsize = {}\n\
             licence = \"MIT\"\npurpose = \"Is for tests.\"\ngroups = [\"{group}\"]\n",
            Sha256::of(bytes),
            bytes.len()
        )
    };
    let output = rewritten_model();
    format!(
        "[[package]]\nmanager = \"pypi-wheel\"\nname = \"alpha\"\nversion = \"1.0\"\n{wheel}\n\
         {model}transform = {{ name = \"yunet-dynamic\", sha256 = \"{sha256}\", size = {size} }}\n{words}\
         [[package]]\nmanager = \"npm\"\nname = \"@scope/beta\"\nversion = \"2.0\"\n{tarball}\n{photo}",
        wheel = archive(WHEEL),
        model = file("model", "alpha/model.onnx", &model(), "face"),
        sha256 = Sha256::of(&output),
        size = output.len(),
        words = file("words", "alpha/words.txt", WORDS, "test"),
        tarball = archive(TARBALL),
        photo = file("photo", "package/photo.jpg", PHOTO, "test"),
    )
}
