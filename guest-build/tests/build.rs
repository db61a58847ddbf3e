//! Builds small guests with the compiler that is installed. Where there is none, `cargo xtask setup` installs it.
#![allow(
    clippy::unwrap_used,
    reason = "in a test, also outside of its function, a panic is a failure"
)]

use std::{
    env,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use pack_guest_build::{Error, GuestBuild, Toolchain};

/// A workspace of a guest and a library that the guest shares with others.
fn workspace() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in [
        (
            "Cargo.toml",
            "[workspace]\nresolver = '3'\nmembers = ['guest', 'shared']\n[profile.small]\ninherits = 'release'\nlto = true\n",
        ),
        (
            "guest/Cargo.toml",
            "[package]\nname = 'tiny-guest'\nedition = '2024'\n[dependencies]\nshared.path = '../shared'\n\
             [features]\ndefault = ['loud']\nloud = []\nextra = []\n",
        ),
        (
            "guest/src/lib.rs",
            "#[cfg(flag_of_the_host)]\ncompile_error!(\"built with the flags of the host\");\n\
             #[cfg(feature = \"loud\")]\n#[unsafe(no_mangle)]\npub extern \"C\" fn loud() {}\n\
             #[cfg(feature = \"extra\")]\n#[unsafe(no_mangle)]\npub extern \"C\" fn extra() {}\n\
             #[unsafe(no_mangle)]\npub extern \"C\" fn length(n: u32) -> usize { shared::text(n).len() }\n",
        ),
        (
            "shared/Cargo.toml",
            "[package]\nname = 'shared'\nedition = '2024'\n",
        ),
        (
            "shared/src/lib.rs",
            "pub fn text(n: u32) -> String { format!(\"<{n}>\") }\n",
        ),
    ] {
        write(&dir.path().join(path), text);
    }
    dir
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn toolchain() -> Toolchain {
    Toolchain::find().unwrap()
}

/// Whether the module exports a function of this name. An export is the name after its length, then its kind.
fn exports(wasm: &Path, name: &str) -> bool {
    let module = fs::read(wasm).unwrap();
    assert!(
        module.starts_with(b"\0asm"),
        "{} is not a module",
        wasm.display()
    );
    let export = [&[u8::try_from(name.len()).unwrap()], name.as_bytes(), &[0]].concat();
    module.windows(export.len()).any(|window| window == export)
}

#[test]
fn a_guest_becomes_a_module() {
    let workspace = workspace();
    let guest = workspace.path().join("guest");
    let wasm = pack_guest_build::guest(&guest).unwrap();
    assert_eq!(wasm.file_name(), Some(OsStr::new("tiny_guest.wasm")));
    assert!(exports(&wasm, "length") && exports(&wasm, "loud") && !exports(&wasm, "extra"));
}

#[test]
fn profile_features_and_target_directory_are_chosen() {
    let workspace = workspace();
    let target = workspace.path().join("elsewhere");
    let build = GuestBuild::new(workspace.path().join("guest"))
        .profile("small")
        .target_dir(&target)
        .no_default_features()
        .features(["extra"]);
    let wasm = build.build(&toolchain()).unwrap();
    assert_eq!(
        wasm,
        target.join("wasm32-unknown-unknown/small/tiny_guest.wasm")
    );
    assert!(exports(&wasm, "length") && !exports(&wasm, "loud") && exports(&wasm, "extra"));
    assert_eq!(
        build.build(&toolchain()).unwrap(),
        wasm,
        "a module that is up to date is found as well"
    );
}

#[test]
fn the_profile_for_guests_need_not_be_there() {
    let workspace = workspace();
    let build = GuestBuild::new(workspace.path().join("guest")).profile("guest");
    let wasm = build.build(&toolchain()).unwrap();
    assert!(
        wasm.ends_with("guest/tiny_guest.wasm"),
        "{}",
        wasm.display()
    );
}

#[test]
fn the_guests_of_a_workspace_are_found() {
    let workspace = workspace();
    let path = |path: &str| workspace.path().join(path);
    write(
        &path("Cargo.toml"),
        "[workspace]\nresolver = '3'\nmembers = ['*']\nexclude = ['target']\n",
    );
    let guest = |name: &str, library: &str| {
        format!(
            "[package]\nname = '{name}'\nedition = '2024'\n[lib]\n{library}\n\
             [dependencies]\npack = {{ path = '../pack', package = 'pack-guest' }}\n"
        )
    };
    for (name, manifest) in [
        (
            "pack",
            "[package]\nname = 'pack-guest'\nedition = '2024'\n".to_owned(),
        ),
        ("second", guest("second", "crate-type = ['cdylib', 'rlib']")),
        ("first", guest("first", "crate-type = ['cdylib']")),
        // A library that guests share.
        ("library", guest("library", "")),
    ] {
        write(&path(name).join("Cargo.toml"), &manifest);
        write(&path(name).join("src/lib.rs"), "");
    }
    let found = pack_guest_build::guests(path("first/src")).unwrap();
    let names: Vec<&str> = found.iter().map(pack_guest_build::Guest::name).collect();
    assert_eq!(names, ["first", "second"]);
    assert!(found[0].contains(&path("first/src")) && !found[1].contains(&path("first/src")));
    let missing = pack_guest_build::guests(path("nowhere")).unwrap_err();
    assert!(
        missing.to_string().contains("nowhere could not be opened"),
        "{missing}"
    );
}

#[test]
fn a_guest_that_does_not_compile_says_why() {
    let workspace = workspace();
    write(
        &workspace.path().join("shared/src/lib.rs"),
        "pub fn text(n: u32) -> String { n }\n",
    );
    let build =
        GuestBuild::new(workspace.path().join("guest")).target_dir(workspace.path().join("target"));
    let error = build.build(&toolchain()).unwrap_err();
    assert!(
        matches!(&error, Error::Guest { diagnostics, .. } if diagnostics.contains("mismatched types")),
        "{error}"
    );
}

#[test]
fn what_is_not_a_guest_is_refused() {
    let workspace = workspace();
    for dir in ["", "nowhere"] {
        let error = GuestBuild::new(workspace.path().join(dir))
            .build(&toolchain())
            .unwrap_err();
        assert!(matches!(error, Error::NotAGuest { .. }), "{error}");
    }
    let error = GuestBuild::new(workspace.path().join("guest"))
        .profile("missing")
        .build(&toolchain())
        .unwrap_err();
    assert!(error.to_string().contains("`missing`"), "{error}");
}

/// What a build script does. It has something to do when the test below runs it.
#[test]
fn build_script() {
    let Some(workspace) = env::var_os("GUEST_WORKSPACE").map(PathBuf::from) else {
        return;
    };
    let build = GuestBuild::new(workspace.join("guest")).target_dir(workspace.join("target"));
    let wasm = build.build_for_build_script(&toolchain()).unwrap();
    assert!(
        wasm.starts_with(workspace.join("out")) && wasm.is_file(),
        "{}",
        wasm.display()
    );
}

#[test]
fn a_build_script_keeps_the_build_of_the_host_apart() {
    let workspace = workspace();
    let out = workspace.path().join("out");
    std::fs::create_dir(&out).unwrap();
    let output = Command::new(env::current_exe().unwrap())
        .env("OUT_DIR", &out)
        .args(["--exact", "build_script", "--nocapture"])
        .env("GUEST_WORKSPACE", workspace.path())
        .env("CARGO_ENCODED_RUSTFLAGS", "--cfg\u{1f}flag_of_the_host")
        .env("RUSTFLAGS", "--cfg flag_of_the_host")
        .env("RUSTC_WRAPPER", "/wrapper/of/the/host")
        .env("RUSTC_WORKSPACE_WRAPPER", "/wrapper/of/the/host")
        .env("CARGO_BUILD_TARGET", "target-of-the-host")
        .output()
        .unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success(),
        "{stdout}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let inputs: Vec<&str> = stdout
        .lines()
        .filter_map(|line| {
            line.split_once("cargo::rerun-if-changed=")
                .map(|(_, path)| path)
        })
        .collect();
    let expected = [
        "Cargo.lock",
        "Cargo.toml",
        "guest/Cargo.toml",
        "guest/src/lib.rs",
        "shared/Cargo.toml",
        "shared/src/lib.rs",
    ];
    assert_eq!(
        inputs,
        expected.map(|path| workspace.path().join(path).to_str().unwrap().to_owned())
    );
}
