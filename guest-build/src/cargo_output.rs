//! What cargo tells programs: the parts of its metadata and of its messages that matter here.

use std::path::{Path, PathBuf};

use serde::Deserialize;

/// The output of `cargo metadata --no-deps`.
#[derive(Debug, Deserialize)]
pub(crate) struct Metadata {
    packages: Vec<Package>,
    pub(crate) workspace_root: PathBuf,
    pub(crate) target_directory: PathBuf,
}

/// A package of the workspace.
#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) manifest_path: PathBuf,
    targets: Vec<Target>,
    #[serde(default)]
    dependencies: Vec<Dependency>,
}

/// What a package depends on, by the name that it has where it comes from.
#[derive(Debug, Deserialize)]
struct Dependency {
    name: String,
}

/// What is built from a package: a library, a program, a build script.
#[derive(Debug, Deserialize)]
pub(crate) struct Target {
    pub(crate) name: String,
    kind: Vec<String>,
}

/// The message that something was built, or was up to date.
#[derive(Debug, Deserialize)]
pub(crate) struct Artifact {
    pub(crate) package_id: String,
    pub(crate) target: Target,
    pub(crate) filenames: Vec<PathBuf>,
}

impl Metadata {
    pub(crate) fn parse(json: &str) -> Result<Self, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    /// The packages that are guests: with a library that is a `cdylib`, and `pack-guest` among what they depend on.
    pub(crate) fn guests(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| {
            let mut kinds = package.targets.iter().flat_map(|target| &target.kind);
            let mut dependencies = package.dependencies.iter();
            kinds.any(|kind| kind == "cdylib")
                && dependencies.any(|dependency| dependency.name == "pack-guest")
        })
    }

    /// The package with this manifest, if it has a library.
    pub(crate) fn library(&self, manifest: &Path) -> Option<&Package> {
        const LIBRARIES: [&str; 5] = ["lib", "rlib", "dylib", "cdylib", "staticlib"];
        self.packages
            .iter()
            .find(|package| is_same_file(&package.manifest_path, manifest))
            .filter(|package| {
                package
                    .targets
                    .iter()
                    .flat_map(|target| &target.kind)
                    .any(|k| LIBRARIES.contains(&&**k))
            })
    }
}

/// The artifacts among the messages of a cargo that builds with `--message-format=json`.
pub(crate) fn artifacts(messages: &str) -> Result<Vec<Artifact>, String> {
    #[derive(Deserialize)]
    #[serde(tag = "reason", rename_all = "kebab-case")]
    enum Message {
        CompilerArtifact(Artifact),
        #[serde(other)]
        Other,
    }
    // Other lines are what procedural macros of the crate print while it is compiled.
    let messages = messages
        .lines()
        .filter(|line| line.starts_with('{'))
        .map(serde_json::from_str);
    messages
        .filter_map(|message| match message {
            Ok(Message::CompilerArtifact(artifact)) => Some(Ok(artifact)),
            Ok(Message::Other) => None,
            Err(error) => Some(Err(error.to_string())),
        })
        .collect()
}

fn is_same_file(left: &Path, right: &Path) -> bool {
    left == right
        || left
            .canonicalize()
            .is_ok_and(|left| right.canonicalize().is_ok_and(|right| left == right))
}

#[cfg(test)]
mod tests {
    use super::*;

    const METADATA: &str = r#"{
        "packages": [
            {"id": "path+file:///ws/guest#0.1.0", "name": "guest", "manifest_path": "/ws/guest/Cargo.toml",
             "targets": [{"kind": ["cdylib"], "crate_types": ["cdylib"], "name": "guest", "doctest": false}]},
            {"id": "path+file:///ws/tool#0.1.0", "name": "tool", "manifest_path": "/ws/tool/Cargo.toml",
             "targets": [{"kind": ["bin"], "crate_types": ["bin"], "name": "tool"}]}
        ],
        "workspace_members": [], "resolve": null, "version": 1,
        "target_directory": "/ws/target", "workspace_root": "/ws"
    }"#;

    #[test]
    fn the_library_of_a_manifest_is_found() {
        let metadata = Metadata::parse(METADATA).unwrap();
        assert_eq!(metadata.target_directory, Path::new("/ws/target"));
        assert_eq!(metadata.workspace_root, Path::new("/ws"));
        let id = |manifest: &str| {
            metadata
                .library(Path::new(manifest))
                .map(|package| &*package.id)
        };
        assert_eq!(
            id("/ws/guest/Cargo.toml"),
            Some("path+file:///ws/guest#0.1.0")
        );
        assert_eq!(id("/ws/tool/Cargo.toml"), None, "a program is not a guest");
        assert_eq!(id("/ws/Cargo.toml"), None, "a workspace is not a guest");
    }

    #[test]
    fn metadata_that_is_none_is_reported() {
        assert!(Metadata::parse("{}").unwrap_err().contains("packages"));
    }

    #[test]
    fn artifacts_are_picked_out_of_the_messages() {
        let messages = concat!(
            r#"{"reason":"build-script-executed","package_id":"a","linked_libs":[]}"#,
            "\nprinted by a macro\n",
            r#"{"reason":"compiler-artifact","package_id":"path+file:///ws/guest#0.1.0","#,
            r#""target":{"kind":["cdylib"],"name":"guest"},"#,
            r#""filenames":["/ws/target/guest.wasm"],"executable":null,"fresh":true}"#,
            "\n",
            r#"{"reason":"build-finished","success":true}"#,
        );
        let artifacts = artifacts(messages).unwrap();
        assert_eq!(artifacts.len(), 1);
        assert_eq!(artifacts[0].package_id, "path+file:///ws/guest#0.1.0");
        assert_eq!(artifacts[0].filenames, [Path::new("/ws/target/guest.wasm")]);
    }

    #[test]
    fn a_broken_message_is_reported() {
        assert!(
            artifacts(r#"{"reason":"compiler-artifact"}"#)
                .unwrap_err()
                .contains("package_id")
        );
    }
}
