//! Runs a folder of plugins over the lines of standard input: `plugin-host FOLDER`. Plugins may come, change and go
//! meanwhile.

use std::error::Error;
use std::io::{self, BufRead as _, Write as _};

use plugin_host::{Answer, Plugins};

fn main() -> Result<(), Box<dyn Error>> {
    let Some(folder) = std::env::args_os().nth(1) else {
        return Err("which folder? Usage: plugin-host FOLDER".into());
    };
    let mut plugins = Plugins::new(folder)?;
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let line = line?;
        for (plugin, event) in plugins.refresh()? {
            eprintln!("{plugin}: {event}");
        }
        for Answer { plugin, line, log } in plugins.change(&line) {
            for line in log {
                eprintln!("{plugin}: {line}");
            }
            match line {
                Ok(Ok(line)) => writeln!(out, "{plugin}: {line}")?,
                Ok(Err(message)) => eprintln!("{plugin}: cannot change the line: {message}"),
                Err(error) => eprintln!("{plugin}: {error}"),
            }
        }
    }
    Ok(())
}
