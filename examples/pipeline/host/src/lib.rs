//! Three packages as one: the printer asks the counter, the counter asks the reader, and the reader asks the host, which
//! takes its time. What they do can be recorded, and run again without the host.

use std::io::Write;
use std::path::PathBuf;

use pack_runtime::{
    Composition, Error, HostInterface, Linked, Linker, Package, Recorder, Replay, ReplayError,
    Replayed, Runtime, Trace,
};

pack_runtime::bindgen!({ path: "../wit", world: "printer", async: true });

/// What the packages have of the host: the texts of a folder.
#[derive(Debug)]
pub struct Library {
    /// The folder.
    pub folder: PathBuf,
}

impl Library {
    /// A text of the folder. Names are those of files right in it.
    async fn read(&self, name: String) -> Result<String, String> {
        if name.contains(['/', '\\']) || name.starts_with('.') {
            return Err("this is no name of a text".to_owned());
        }
        let text = tokio::fs::read_to_string(self.folder.join(&name)).await;
        text.map_err(|error| error.to_string())
    }
}

/// The packages of the pipeline.
#[derive(Debug)]
pub struct Pipeline {
    reader: Package,
    counter: Package,
    printer: Package,
}

impl Pipeline {
    /// Loads the packages.
    ///
    /// # Errors
    ///
    /// If one of them does not load.
    pub fn load(runtime: &Runtime) -> Result<Self, Error> {
        Ok(Self {
            reader: runtime.load_file(env!("PACKAGE_READER"))?,
            counter: runtime.load_file(env!("PACKAGE_COUNTER"))?,
            printer: runtime.load_file(env!("PACKAGE_PRINTER"))?,
        })
    }

    /// Wires the packages together, and to the host.
    fn compose(&self) -> Result<Composition<Library>, Error> {
        let mut library = HostInterface::new("demo:pipeline/library@1.0.0");
        library.async_function("read", |library: &mut Library, (name,): (String,)| {
            Box::pin(library.read(name))
        });
        Ok(Composition::new()
            .part("reader", Linker::new(&self.reader)?.offer(&library)?)
            .part("counter", Linker::new(&self.counter)?)
            .part("printer", Linker::new(&self.printer)?)
            .wire("counter", "demo:pipeline/documents@1.0.0", "reader")
            .wire("printer", "demo:pipeline/statistics@1.0.0", "counter"))
    }

    /// Connects everything. Instances are called as if the printer were alone.
    ///
    /// # Errors
    ///
    /// If the packages do not fit each other, or the host.
    pub fn link(&self) -> Result<Linked<Printer<Library>>, Error> {
        self.compose()?.link("printer")
    }

    /// The same, with all calls written down.
    ///
    /// # Errors
    ///
    /// As [`link`](Self::link).
    pub fn link_recorded<W: Write + Send + 'static>(
        &self,
        recorder: Recorder<W>,
    ) -> Result<Linked<Printer<Library>>, Error> {
        self.compose()?.intercept(recorder).link("printer")
    }

    /// Runs each package again, alone, as a trace says.
    ///
    /// # Errors
    ///
    /// If a package is another one than was recorded, or does something else.
    pub fn replay(&self, trace: &Trace) -> Result<[(&'static str, Replayed); 3], ReplayError> {
        let run = |part, package| {
            let replayed = Replay::new(trace).run(part, package);
            replayed.map(|replayed| (part, replayed))
        };
        Ok([
            run("reader", &self.reader)?,
            run("counter", &self.counter)?,
            run("printer", &self.printer)?,
        ])
    }
}
