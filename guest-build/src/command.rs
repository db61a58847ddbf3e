//! Running other programs, with an eye on what they inherit, what they report and how long they take.

use std::{
    env,
    ffi::{OsStr, OsString},
    io::{self, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::Error;

/// Runs `command` to its end and returns what it wrote to its standard output.
pub(crate) fn run(command: &mut Command) -> Result<String, Error> {
    let output = run_unchecked(command)?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(Error::Failed {
            command: command_line(command),
            status: output.status,
            output: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }
}

/// Runs `command` to its end, whatever that end is.
pub(crate) fn run_unchecked(command: &mut Command) -> Result<Output, Error> {
    command
        .stdin(Stdio::null())
        .output()
        .map_err(spawn_error(command))
}

/// Runs `command` to its end, whatever that end is, with the standard error of this process as its own.
pub(crate) fn run_in_sight(command: &mut Command) -> Result<Output, Error> {
    command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(spawn_error(command))
}

/// Runs `command`, and stops it and all the processes it started when it takes longer than `limit`.
pub(crate) fn run_within(limit: Duration, command: &mut Command) -> Result<(), Error> {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(spawn_error(command))?;
    let stderr = child.stderr.take().map(|mut stderr| {
        thread::spawn(move || {
            let mut bytes = Vec::new();
            let _partial_output_is_fine = stderr.read_to_end(&mut bytes);
            String::from_utf8_lossy(&bytes).into_owned()
        })
    });
    let deadline = Instant::now() + limit;
    loop {
        if let Some(status) = child.try_wait().map_err(spawn_error(command))? {
            let output = stderr
                .and_then(|reader| reader.join().ok())
                .unwrap_or_default();
            let command = command_line(command);
            return if status.success() {
                Ok(())
            } else {
                Err(Error::Failed {
                    command,
                    status,
                    output,
                })
            };
        }
        if Instant::now() >= deadline {
            stop_group(&mut child).map_err(spawn_error(command))?;
            return Err(Error::TimedOut {
                command: command_line(command),
                limit,
            });
        }
        thread::sleep(Duration::from_millis(50));
    }
}

/// Kills a child that leads a process group, and the group with it.
fn stop_group(child: &mut Child) -> io::Result<()> {
    #[cfg(unix)]
    // The shell's own `kill` is there even where no program of that name is installed.
    Command::new("sh")
        .args(["-c", "kill -s KILL -- \"-$1\"", "sh"])
        .arg(child.id().to_string())
        .output()?;
    child.kill()?;
    child.wait()?;
    Ok(())
}

/// The cargo in use, free of the settings of a build that this process may be part of.
pub(crate) fn cargo(subcommand: &str) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.arg(subcommand);
    for (name, value) in env::vars_os() {
        if !is_for_nested_cargo(&name, &value) {
            cargo.env_remove(name);
        }
    }
    cargo
}

/// Whether an inherited environment variable means to a cargo started from here what it meant to the process around it.
///
/// Build scripts, `cargo clippy`, `cargo llvm-cov` and the like run with variables that describe the build of the host:
/// its compiler flags, wrappers, features and configuration. A guest must not be built with those.
///
/// `RUSTUP_TOOLCHAIN` stays, since it says which toolchain the user chose, as in `cargo +nightly build`.
fn is_for_nested_cargo(name: &OsStr, value: &OsStr) -> bool {
    let Some(name) = name.to_str() else {
        return true;
    };
    match name {
        "RUSTC" | "RUSTC_LINKER" | "RUSTC_WRAPPER" | "RUSTC_WORKSPACE_WRAPPER" | "RUSTDOC" => false,
        "RUSTFLAGS" | "RUSTDOCFLAGS" | "TARGET" | "OUT_DIR" => false,
        "CARGO_ENCODED_RUSTFLAGS" | "CARGO_ENCODED_RUSTDOCFLAGS" => false,
        // Cargo resolves these against the current directory, which in a build script is not where the user set them.
        "CARGO_TARGET_DIR" | "CARGO_BUILD_TARGET_DIR" => Path::new(value).is_absolute(),
        "CARGO_BUILD_JOBS" => true,
        _ => !["CARGO_BUILD_", "CARGO_CFG_", "CARGO_FEATURE_"]
            .iter()
            .any(|prefix| name.starts_with(prefix)),
    }
}

/// Cargo's own directory for the user, which nobody else can write to.
pub(crate) fn cargo_home() -> Result<PathBuf, Error> {
    let configured = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .filter(|home| home.is_absolute());
    configured
        .or_else(|| env::home_dir().map(|home| home.join(".cargo")))
        .ok_or(Error::Unavailable(
            "cargo's home directory is unknown; set HOME or CARGO_HOME",
        ))
}

fn spawn_error(command: &Command) -> impl FnOnce(io::Error) -> Error + use<> {
    let command = command_line(command);
    move |reason| Error::Spawn { command, reason }
}

/// The command as it would be typed.
pub(crate) fn command_line(command: &Command) -> String {
    let words: Vec<OsString> = [command.get_program()]
        .into_iter()
        .chain(command.get_args())
        .map(OsStr::to_owned)
        .collect();
    words.join(OsStr::new(" ")).to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(name: &str, value: &str) -> bool {
        is_for_nested_cargo(name.as_ref(), value.as_ref())
    }

    #[test]
    fn settings_of_the_outer_build_are_dropped() {
        for name in [
            "RUSTC",
            "RUSTC_WRAPPER",
            "RUSTC_WORKSPACE_WRAPPER",
            "RUSTFLAGS",
            "CARGO_ENCODED_RUSTFLAGS",
            "CARGO_BUILD_RUSTFLAGS",
            "CARGO_BUILD_RUSTC_WRAPPER",
            "CARGO_BUILD_BUILD_DIR",
            "CARGO_BUILD_TARGET",
            "CARGO_FEATURE_STD",
            "CARGO_CFG_UNIX",
            "OUT_DIR",
            "TARGET",
        ] {
            assert!(!kept(name, "x"), "{name}");
        }
    }

    #[test]
    fn choices_of_the_user_are_kept() {
        for name in [
            "PATH",
            "CARGO_HOME",
            "CARGO_NET_OFFLINE",
            "CARGO_BUILD_JOBS",
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
            "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER",
            "RUSTUP_TOOLCHAIN",
            "MAKEFLAGS",
        ] {
            assert!(kept(name, "x"), "{name}");
        }
    }

    #[test]
    fn only_an_absolute_target_directory_is_kept() {
        assert!(!kept("CARGO_TARGET_DIR", "out"));
        assert!(!kept("CARGO_BUILD_TARGET_DIR", "out"));
        let absolute = env::temp_dir();
        assert!(is_for_nested_cargo(
            "CARGO_TARGET_DIR".as_ref(),
            absolute.as_os_str()
        ));
    }

    #[test]
    fn failures_carry_the_command_and_what_it_said() {
        let error = run(Command::new("sh").args(["-c", "echo no luck >&2; exit 3"]))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("sh -c") && error.contains("no luck") && error.contains('3'),
            "{error}"
        );
        let error = run(&mut Command::new("pack-no-such-program"))
            .unwrap_err()
            .to_string();
        assert!(error.contains("pack-no-such-program"), "{error}");
    }

    #[test]
    fn a_command_within_its_time_ends_normally() {
        let limit = Duration::from_secs(60);
        run_within(limit, Command::new("sh").args(["-c", "exit 0"])).unwrap();
        let error = run_within(
            limit,
            Command::new("sh").args(["-c", "echo why >&2; exit 1"]),
        )
        .unwrap_err();
        assert!(matches!(error, Error::Failed { output, .. } if output == "why\n"));
    }

    #[test]
    fn a_command_over_its_time_is_stopped_with_its_children() {
        let dir = tempfile::tempdir().unwrap();
        let late = dir.path().join("late");
        let started = Instant::now();
        let script = format!("(sleep 1; touch '{}') & wait", late.display());
        let error = run_within(
            Duration::from_millis(100),
            Command::new("sh").args(["-c", &script]),
        )
        .unwrap_err();
        assert!(matches!(error, Error::TimedOut { .. }));
        thread::sleep(Duration::from_secs(2).saturating_sub(started.elapsed()));
        assert!(!late.exists(), "the child of the stopped command went on");
    }
}
