//! A folder of plugins that are loaded when they appear, replaced when they change, and kept apart from the host and
//! from each other whatever they do.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use pack_runtime::{Error, Limits, Linked, Runtime};

pack_runtime::bindgen!("../wit");

/// What a plugin may use, unless the host knows it better.
pub const LIMITS: Limits = Limits::DEFAULT
    .with_memory(16 << 20)
    .with_time(Some(Duration::from_millis(250)));

/// What one plugin's host functions work on: the lines it has logged.
#[derive(Debug, Default)]
pub struct Host {
    lines: Vec<String>,
}

impl imports::Plugin for Host {
    fn log(&mut self, line: String) {
        self.lines.push(line);
    }
}

/// The plugins of a folder: each file `NAME.wasm` is one.
pub struct Plugins {
    folder: PathBuf,
    runtime: Runtime,
    limits: BTreeMap<String, Limits>,
    plugins: BTreeMap<String, LoadedPlugin>,
}

struct LoadedPlugin {
    changed: SystemTime,
    /// What is being called; none if the file has never fitted.
    current: Option<Current>,
}

struct Current {
    linked: Linked<Plugin<Host>>,
    instance: Plugin<Host>,
}

/// What has become of a file.
#[derive(Debug)]
pub enum Event {
    /// It is a plugin now.
    Loaded,
    /// It has been replaced by a newer one.
    Replaced,
    /// The new file is no plugin. The one before, if there was one, goes on.
    Refused(Error),
    /// The file is gone, and so is the plugin.
    Removed,
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Loaded => f.write_str("loaded"),
            Self::Replaced => f.write_str("replaced"),
            Self::Refused(error) => write!(f, "refused: {error}"),
            Self::Removed => f.write_str("removed"),
        }
    }
}

/// What a plugin made of a line.
#[derive(Debug)]
pub struct Answer {
    /// The plugin.
    pub plugin: String,
    /// The changed line, or the plugin's own error, or what ended the call.
    pub line: Result<Result<String, String>, Error>,
    /// What it has logged.
    pub log: Vec<String>,
}

impl Plugins {
    /// The plugins of a folder. None is loaded before [`refresh`](Self::refresh).
    ///
    /// # Errors
    ///
    /// If the engine does not support this machine.
    pub fn new(folder: impl Into<PathBuf>) -> Result<Self, Error> {
        Ok(Self {
            folder: folder.into(),
            runtime: Runtime::builder().limits(LIMITS).build()?,
            limits: BTreeMap::new(),
            plugins: BTreeMap::new(),
        })
    }

    /// Gives a plugin limits of its own, from when it is loaded next.
    pub fn set_limits(&mut self, plugin: &str, limits: Limits) {
        self.limits.insert(plugin.to_owned(), limits);
    }

    /// Looks for files that are new, changed or gone.
    ///
    /// # Errors
    ///
    /// If the folder cannot be read.
    pub fn refresh(&mut self) -> io::Result<Vec<(String, Event)>> {
        let files = self.files()?;
        let mut events = Vec::new();
        self.plugins.retain(|name, _| {
            let is_there = files.contains_key(name);
            if !is_there {
                events.push((name.clone(), Event::Removed));
            }
            is_there
        });
        for (name, (path, changed)) in files {
            if self
                .plugins
                .get(&name)
                .is_some_and(|plugin| plugin.changed == changed)
            {
                continue;
            }
            let loaded = self.load(&name, &path);
            let plugin = self.plugins.entry(name.clone()).or_insert(LoadedPlugin {
                changed,
                current: None,
            });
            plugin.changed = changed;
            let event = match loaded {
                Ok(new) => match plugin.current.replace(new) {
                    Some(_) => Event::Replaced,
                    None => Event::Loaded,
                },
                Err(error) => Event::Refused(error),
            };
            events.push((name, event));
        }
        Ok(events)
    }

    fn files(&self) -> io::Result<BTreeMap<String, (PathBuf, SystemTime)>> {
        let mut files = BTreeMap::new();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let name = path.file_stem().and_then(|name| name.to_str());
            let (Some(name), Some("wasm")) = (name, path.extension().and_then(|e| e.to_str()))
            else {
                continue;
            };
            let changed = fs::metadata(&path)?.modified()?;
            files.insert(name.to_owned(), (path, changed));
        }
        Ok(files)
    }

    fn load(&self, name: &str, path: &Path) -> Result<Current, Error> {
        let mut package = self.runtime.load_file(path)?;
        if let Some(limits) = self.limits.get(name) {
            package = package.with_limits(*limits)?;
        }
        let linked = Plugin::link(&package)?;
        let instance = linked.instantiate(Host::default())?;
        Ok(Current { linked, instance })
    }

    /// Asks every plugin. What one of them does is no concern of the others.
    pub fn change(&mut self, line: &str) -> Vec<Answer> {
        let plugins = self.plugins.iter_mut();
        let current = plugins.filter_map(|(name, plugin)| Some((name, plugin.current.as_mut()?)));
        let answers = current.map(|(name, current)| Answer {
            plugin: name.clone(),
            line: current.change(line),
            log: std::mem::take(&mut current.instance.instance_mut().host_mut().lines),
        });
        answers.collect()
    }
}

impl Current {
    /// An instance that a call has spoilt is replaced before the next.
    fn change(&mut self, line: &str) -> Result<Result<String, String>, Error> {
        if self.instance.instance().poisoned().is_some() {
            self.instance = self.linked.instantiate(Host::default())?;
        }
        self.instance.change(line)
    }
}
