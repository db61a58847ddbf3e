//! What the example does.
#![allow(clippy::unwrap_used, reason = "test code may panic")]

use std::fs;
use std::path::Path;

use pack_runtime::{Recorder, Runtime, Trace};
use pipeline::{Library, Pipeline};

const TEXT: &str = "\
Before everything.
# One
Two words
## Deep
and three words
### Deeper
1
## Next
# Two
";

const CONTENTS: &str = "\
text (8 words)
  One (6 words)
    Deep (4 words)
      Deeper (1 words)
    Next (0 words)
  Two (0 words)
../secret: this is no name of a text
";

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn library(folder: &Path) -> Library {
    fs::write(folder.join("text"), TEXT).unwrap();
    Library {
        folder: folder.to_owned(),
    }
}

#[tokio::test]
async fn three_packages_and_a_host_that_takes_its_time() {
    let folder = tempfile::tempdir().unwrap();
    let pipeline = Pipeline::load(&Runtime::new().unwrap()).unwrap();
    let linked = pipeline.link().unwrap();
    let mut printer = linked
        .instantiate_async(library(folder.path()))
        .await
        .unwrap();
    let contents = printer
        .contents(&names(&["text", "../secret"]))
        .await
        .unwrap();
    assert_eq!(contents, CONTENTS);
    let contents = printer.contents(&names(&["missing"])).await.unwrap();
    assert!(contents.starts_with("missing: "), "{contents}");
    let instance = printer.instance_mut();
    let parts: Vec<String> = instance.part_names().map(str::to_owned).collect();
    assert_eq!(parts, ["reader", "counter", "printer"]);
    let mut counter = instance.part("counter").unwrap();
    let weighed = counter
        .call_async("demo:pipeline/statistics@1.0.0", "weigh", &["text".into()])
        .await
        .unwrap()
        .unwrap();
    let words = weighed.payload().and_then(|weighed| weighed.field("words"));
    assert_eq!(words.and_then(pack_runtime::Value::as_u64), Some(8));
}

#[tokio::test]
async fn what_was_recorded_is_run_again_without_the_host() {
    let folder = tempfile::tempdir().unwrap();
    let pipeline = Pipeline::load(&Runtime::new().unwrap()).unwrap();
    let recorder = Recorder::new(Vec::new(), 1 << 20);
    let linked = pipeline.link_recorded(recorder.clone()).unwrap();
    let mut printer = linked
        .instantiate_async(library(folder.path()))
        .await
        .unwrap();
    printer
        .contents(&names(&["text", "../secret"]))
        .await
        .unwrap();
    drop(folder);
    let trace = Trace::read(&recorder.finish().unwrap()).unwrap();
    let replayed = pipeline.replay(&trace).unwrap();
    let lines = replayed.map(|(part, replayed)| format!("{part}: {replayed}"));
    assert_eq!(
        lines,
        [
            "reader: replayed 2 calls and the 2 calls they made, of 1 instances",
            "counter: replayed 2 calls and the 2 calls they made, of 1 instances",
            "printer: replayed 1 calls and the 2 calls they made, of 1 instances",
        ]
    );
}
