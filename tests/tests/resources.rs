//! Resources: the host's in guests, and guests' in the host.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use pack_runtime::{
    Action, Borrow, Call, Error, HandleProblem, HostError, Interceptor, Linker, Recorder, Replay,
    Trace, Value,
};

pack_runtime::bindgen!("wit/resources.wit");

use imports::test::resources::{Files, Nodes};
use test::resources::counters::{Counter, Labelled};
use test::resources::files::{Entry, File, Found, Token, Two};

/// What the host counts of its own files, also when the guest drops them.
#[derive(Debug, Default)]
struct Census {
    made: AtomicUsize,
    dropped: AtomicUsize,
}

impl Census {
    fn live(&self) -> usize {
        self.made.load(Relaxed) - self.dropped.load(Relaxed)
    }
}

struct OpenFile {
    name: String,
    text: String,
    census: Arc<Census>,
}

impl OpenFile {
    fn new(census: &Arc<Census>, name: &str) -> Self {
        census.made.fetch_add(1, Relaxed);
        Self {
            name: name.to_owned(),
            text: String::new(),
            census: Arc::clone(census),
        }
    }
}

impl Drop for OpenFile {
    fn drop(&mut self) {
        self.census.dropped.fetch_add(1, Relaxed);
    }
}

#[derive(Default)]
struct Host {
    census: Arc<Census>,
    put: BTreeMap<String, File>,
    /// Borrowed in a call, and kept.
    kept: Vec<Borrow<File>>,
}

impl Host {
    fn file(&self, name: &str) -> File {
        File::new(OpenFile::new(&self.census, name))
    }
}

fn text(file: &File) -> String {
    file.with(|file: &mut OpenFile| file.text.clone()).unwrap()
}

fn name(file: &File) -> String {
    file.with(|file: &mut OpenFile| file.name.clone()).unwrap()
}

impl Files for Host {
    type File = OpenFile;

    fn new_file(&mut self, name: String) -> OpenFile {
        OpenFile::new(&self.census, &name)
    }

    fn file_open(&mut self, name: String) -> Result<File, String> {
        if name == "missing" {
            Err("no such file".into())
        } else {
            Ok(self.file(&name))
        }
    }

    fn file_name(&mut self, file: &mut OpenFile) -> String {
        file.name.clone()
    }

    fn file_append(&mut self, file: &mut OpenFile, text: String) -> u32 {
        assert_ne!(file.name, "broken");
        file.text.push_str(&text);
        u32::try_from(file.text.len()).unwrap()
    }

    fn file_contents(&mut self, file: &mut OpenFile) -> String {
        file.text.clone()
    }

    fn file_is_same(&mut self, file: &mut OpenFile, other: Borrow<File>) -> bool {
        match other.with(|other: &mut OpenFile| other.name == file.name) {
            // It is the file that this very call works on.
            Err(problem) => problem == HandleProblem::InUse,
            Ok(same) => same,
        }
    }

    fn join(&mut self, first: File, second: File) -> File {
        let second: OpenFile = second.into_inner().unwrap();
        first
            .with(|first: &mut OpenFile| {
                first.name = format!("{}+{}", first.name, second.name);
                first.text.push_str(&second.text);
            })
            .unwrap();
        first
    }

    fn find(&mut self, prefix: String) -> Found {
        let entry = |name: &str| Entry {
            name: name.into(),
            file: self.file(name),
        };
        Found::Many(vec![entry(&prefix), entry("other"), entry("third")])
    }

    fn total_length(&mut self, files: Vec<Borrow<File>>, two: Option<Two>) -> u32 {
        let two = two.into_iter().flat_map(|two| [two.left, two.right]);
        let all: Vec<Borrow<File>> = files.into_iter().chain(two).collect();
        let length = all.iter().map(|file| text(file).len()).sum::<usize>();
        self.kept = all;
        u32::try_from(length).unwrap()
    }

    fn put(&mut self, entries: Vec<Entry>, extra: Option<File>) {
        for entry in entries {
            self.put.insert(entry.name, entry.file);
        }
        if let Some(file) = extra {
            self.put.insert("extra".into(), file);
        }
    }

    fn new_token(&mut self) -> Token {
        Token::new("a token")
    }

    fn check_token(&mut self, token: Borrow<Token>) -> bool {
        token.with(|token: &mut &str| *token == "a token").unwrap()
    }
}

struct HostNode(String);

impl Nodes for Host {
    type Node = HostNode;

    fn new_node(&mut self, label: String) -> HostNode {
        HostNode(format!("host's {label}"))
    }

    fn node_label(&mut self, node: &mut HostNode) -> String {
        node.0.clone()
    }

    fn node_children(&mut self, _: &mut HostNode) -> Vec<test::resources::nodes::Node> {
        Vec::new()
    }

    fn adopt(&mut self, _: Borrow<test::resources::nodes::Node>, _: test::resources::nodes::Node) {}
}

struct OpenSession(u32);

impl imports::Resources for Host {
    type Session = OpenSession;

    fn session_id(&mut self, session: &mut OpenSession) -> u32 {
        session.0
    }

    fn open_session(&mut self) -> Session {
        Session::new(OpenSession(7))
    }
}

fn instance() -> Resources<Host> {
    Resources::instantiate(&pack_tests::load("resources"), Host::default()).unwrap()
}

#[test]
fn a_guests_resources_live_as_long_as_the_host_says() {
    use_the_guests(&mut instance());
}

fn use_the_guests(package: &mut Resources<Host>) {
    let mut counters = package.counters();
    let one = counters.new_counter(5).unwrap();
    assert_eq!(counters.counter_add(&one, 3).unwrap(), 8);
    assert_eq!(counters.census().unwrap(), (1, 1));

    let mut forks = counters.counter_fork(&one, 3).unwrap();
    assert_eq!(counters.census().unwrap(), (4, 4));
    forks.pop();
    assert_eq!(
        counters.census().unwrap(),
        (3, 4),
        "the guest is told before the next call"
    );

    let lent = [
        Borrow::from(&one),
        Borrow::from(&forks[0]),
        Borrow::from(&one),
    ];
    assert_eq!(counters.sum(&lent).unwrap(), 24);
    let two = counters.new_counter(2).unwrap();
    let max = counters.counter_max(one, two).unwrap();
    assert_eq!(counters.counter_add(&max, 0).unwrap(), 8);
    assert_eq!(counters.census().unwrap(), (3, 5));

    let error = counters.sum(&lent[..1]).unwrap_err();
    assert!(
        matches!(&error, Error::Encode { .. }),
        "the handle was given away: {error}"
    );
    assert_eq!(
        error.to_string(),
        "counters.sum: the arguments cannot be sent: the resource was dropped or given away, or never existed"
    );

    let labelled = |counter, label: &str| Labelled {
        label: label.into(),
        counter,
    };
    let list = forks.into_iter().map(|counter| labelled(counter, "fork"));
    assert_eq!(counters.take(list.collect(), Some(max)).unwrap(), 24);
    assert_eq!(counters.census().unwrap(), (0, 5), "each was dropped once");

    let (given, extra) = counters.give("given").unwrap();
    assert_eq!(given.label, "given");
    assert_eq!(counters.counter_add(&given.counter, 0).unwrap(), 1);
    drop(extra);
    assert_eq!(counters.census().unwrap(), (1, 7));

    assert!(counters.counter_checked(1).unwrap().is_ok());
    assert_eq!(
        counters.counter_checked(-1).unwrap().unwrap_err(),
        "-1 is below zero"
    );
    let even = counters.new_even(6).unwrap().unwrap();
    assert_eq!(counters.even_half(&even).unwrap(), 3);
    assert_eq!(counters.new_even(7).unwrap().unwrap_err(), "7 is odd");
}

#[test]
fn a_call_by_name_has_no_resources() {
    let mut package = instance();
    for (interface, function, arguments) in [
        (
            "test:resources/counters@0.1.0",
            "[constructor]counter",
            vec![Value::U32(1)],
        ),
        ("$root", "session-id", vec![Value::U32(1)]),
    ] {
        let error = package.instance_mut().call(interface, function, &arguments);
        let error = error.unwrap_err();
        assert!(matches!(error, Error::Resources { .. }), "{error}");
    }
    assert_eq!(
        package.counters().census().unwrap(),
        (0, 0),
        "nothing has run"
    );
}

#[test]
fn a_guests_resource_is_of_its_instance() {
    let (mut first, mut second) = (instance(), instance());
    let counter = first.counters().new_counter(1).unwrap();
    let error = second.counters().counter_add(&counter, 1).unwrap_err();
    assert!(
        error.to_string().contains("belongs to another instance"),
        "{error}"
    );
    let error = second
        .counters()
        .take(Vec::new(), Some(counter))
        .unwrap_err();
    assert!(
        error.to_string().contains("belongs to another instance"),
        "{error}"
    );
    assert_eq!(second.counters().census().unwrap(), (0, 0));
    assert_eq!(
        first.counters().census().unwrap(),
        (0, 1),
        "it was passed by value, so it is dropped, where it belongs"
    );
    let left = first.counters().new_counter(1).unwrap();
    drop(first);
    drop(left);
}

#[test]
fn arguments_that_cannot_be_sent_drop_what_they_own_once() {
    let mut package = instance();
    let mut counters = package.counters();
    let (keep, gone) = (
        counters.new_counter(1).unwrap(),
        counters.new_counter(2).unwrap(),
    );
    let stale = {
        let dropped = counters.new_counter(3).unwrap();
        Borrow::from(&dropped)
    };
    assert!(counters.sum(&[Borrow::from(&keep), stale]).is_err());
    assert_eq!(counters.census().unwrap(), (2, 3));
    // The second argument belongs elsewhere, when the first has been written already.
    let foreign = instance().counters().new_counter(9).unwrap();
    let labelled = Labelled {
        label: String::new(),
        counter: gone,
    };
    assert!(counters.take(vec![labelled], Some(foreign)).is_err());
    assert_eq!(counters.census().unwrap(), (1, 3));
}

#[test]
fn many_arguments_that_have_to_be_written_twice() {
    let mut package = instance();
    let mut counters = package.counters();
    let one = counters.new_counter(1).unwrap();
    let forks = counters.counter_fork(&one, 20_000).unwrap();
    let labelled = forks.into_iter().map(|counter| Labelled {
        label: "long enough to outgrow the room".into(),
        counter,
    });
    assert_eq!(counters.take(labelled.collect(), None).unwrap(), 20_000);
    assert_eq!(counters.census().unwrap(), (1, 20_001));
}

#[test]
fn what_is_done_with_resources_is_recorded_and_run_again() {
    let loaded = pack_tests::load("resources");
    let recorder = Recorder::new(Vec::new(), 1 << 20);
    let linker = Linker::new(&loaded).unwrap();
    let linker = linker.offer_world::<Resources<Host>>().unwrap();
    let linked = linker.intercept(recorder.clone()).link::<Resources<Host>>();
    let mut package = linked.unwrap().instantiate(Host::default()).unwrap();
    use_the_guests(&mut package);
    use_the_hosts(package);
    let trace = Trace::read(&recorder.finish().unwrap()).unwrap();
    let replayed = Replay::new(&trace)
        .run("test:resources/resources@0.1.0", &loaded)
        .unwrap_or_else(|error| panic!("{error}"));
    // What was dropped on either side is there as well.
    assert_eq!((replayed.exports, replayed.imports), (27, 12));
}

#[test]
fn the_hosts_resources_in_every_place() {
    use_the_hosts(instance());
}

fn use_the_hosts(mut package: Resources<Host>) {
    let census = Arc::clone(&package.instance().host().census);
    let file = |name| File::new(OpenFile::new(&census, name));
    let (lent, given) = (file("lent"), file("given"));
    given
        .with(|file: &mut OpenFile| file.text.push_str("12345"))
        .unwrap();
    let entry = Entry {
        name: "entry".into(),
        file: file("entry"),
    };
    let files = package.counters().use_files(&lent, given, entry).unwrap();
    assert_eq!(
        files.iter().map(name).collect::<Vec<_>>(),
        ["given+made by the guest", "entry", "no such file"]
    );
    // `given` is there twice: among the two, and not among the list.
    assert_eq!(text(&lent), "5 false");
    assert_eq!(text(&files[0]), "12345");
    let host = package.instance().host();
    assert_eq!(
        host.put
            .iter()
            .map(|(key, file)| (key.as_str(), name(file)))
            .collect::<Vec<_>>(),
        [
            ("extra", "a".into()),
            ("other", "other".into()),
            ("third", "third".into())
        ]
    );
    assert_eq!(census.live(), 7);
    drop((lent, files));
    assert_eq!(census.live(), 3);
    // What was borrowed in a call and is gone now.
    for kept in &host.kept {
        let gone = kept.with(|_: &mut OpenFile| ());
        assert_eq!(gone, Err(HandleProblem::Gone));
    }
    drop(package);
    assert_eq!(census.live(), 0, "the host's data had them");

    let mut package = instance();
    let session = package.new_session().unwrap();
    assert_eq!(package.session_id(&session).unwrap(), 7);
    assert!(session.into_inner::<OpenSession>().is_ok());
}

#[test]
fn a_guests_method_calls_back_with_what_it_was_lent() {
    let mut package = instance();
    let file = package.instance().host().file("log");
    let mut counters = package.counters();
    let counter = counters.new_counter(12).unwrap();
    counters.counter_log_to(&counter, &file).unwrap();
    counters.counter_log_to(&counter, &file).unwrap();
    assert_eq!(text(&file), "1212");
}

#[test]
fn the_same_interface_both_ways_has_two_kinds_of_resource() {
    let mut package = instance();
    let mut nodes = package.nodes();
    let (parent, child) = (
        nodes.new_node("parent").unwrap(),
        nodes.new_node("child").unwrap(),
    );
    nodes.adopt(&parent, child).unwrap();
    let children = nodes.node_children(&parent).unwrap();
    let labels: Vec<String> = children
        .iter()
        .map(|node| nodes.node_label(node).unwrap())
        .collect();
    assert_eq!(labels, ["host's child"]);
}

/// What a guest may not do with the handles it has, and what its host says to that.
#[test]
fn mischief_is_refused() {
    use exports::test::resources::Mischief;
    type Deed = fn(&mut Mischief<'_, Host>, File) -> Result<(), Error>;
    let cases: [(&str, Deed, &str); 8] = [
        (
            "use after drop",
            |guest, file| guest.use_after_drop(file),
            "the resource was dropped or given away, or never existed",
        ),
        (
            "drop twice",
            |guest, file| guest.drop_twice(file),
            "the host function `drop` of `$pack` failed",
        ),
        (
            "drop what is borrowed",
            |guest, file| guest.drop_borrowed(&file),
            "it can neither be given away nor dropped",
        ),
        (
            "give what is borrowed",
            |guest, file| guest.give_borrowed(&file),
            "it can neither be given away nor dropped",
        ),
        (
            "borrowed past the call",
            |guest, file| {
                guest.keep_borrowed(&file)?;
                guest.use_kept().map(|_| ())
            },
            "the resource was dropped or given away, or never existed",
        ),
        (
            "guess",
            |guest, _| guest.guess(0xffff_ffff).map(|_| ()),
            "handle 4294967295: the resource was dropped or given away, or never existed",
        ),
        (
            "the same twice",
            |guest, file| guest.same_twice(file).map(|_| ()),
            "1: handle 1: the resource was dropped or given away, or never existed",
        ),
        (
            "a value of another type",
            |guest, _| {
                let counter = guest.wrong_value()?;
                drop(counter);
                Ok(())
            },
            "",
        ),
    ];
    for (what, deed, words) in cases {
        let mut package = instance();
        let census = Arc::clone(&package.instance().host().census);
        let file = package.instance().host().file("file");
        match deed(&mut package.mischief(), file) {
            Ok(()) => assert!(words.is_empty(), "{what}"),
            Err(error) => assert!(
                !words.is_empty() && error.to_string().contains(words),
                "{what}: {error}"
            ),
        }
        drop(package);
        assert_eq!(census.live(), 0, "{what}: dropped once, whatever happened");
    }
}

#[test]
fn a_resource_of_another_type_or_value_is_refused() {
    let mut package = instance();
    let token = Token::new("a token");
    let error = package.mischief().wrong_type(token).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("the resource is of another type"),
        "{error}"
    );

    // A `counter` whose value is none: its methods have nothing to work on.
    let mut package = instance();
    let counter: Counter = package.mischief().wrong_value().unwrap();
    let error = package.counters().counter_add(&counter, 1).unwrap_err();
    assert!(matches!(error, Error::Panic(_)), "{error}");

    // The host's own.
    let mut package = instance();
    let file = File::new("not an open file");
    let error = package
        .counters()
        .counter_log_to(&counter, &file)
        .unwrap_err();
    assert!(
        error.to_string().contains("belongs to another instance"),
        "{error}"
    );
    let counter = package.counters().new_counter(1).unwrap();
    let error = package
        .counters()
        .counter_log_to(&counter, &file)
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("it cannot work on its resource: the resource is of another type"),
        "{error}"
    );
}

#[test]
fn a_trap_drops_the_hosts_resources_once() {
    let mut package = instance();
    let census = Arc::clone(&package.instance().host().census);
    let file = package.instance().host().file("file");
    assert!(package.mischief().drop_in_panic(file).is_err());
    assert_eq!(census.live(), 1, "the guest had it");
    let (again, file) = (
        package.counters().census(),
        package.instance().host().file("x"),
    );
    assert!(matches!(again, Err(Error::Poisoned(_))));
    assert!(package.mischief().use_after_drop(file).is_err());
    drop(package);
    assert_eq!(census.live(), 0);
}

#[test]
fn what_was_lent_to_a_call_that_fails_is_the_hosts_to_drop() {
    let mut package = instance();
    let census = Arc::clone(&package.instance().host().census);
    let counter = package.counters().new_counter(1).unwrap();
    let file = package.instance().host().file("broken");
    let failed = package.counters().counter_log_to(&counter, &file);
    assert!(matches!(failed, Err(Error::HostFunction(_))), "{failed:?}");
    assert_eq!(census.live(), 1);
    drop(file);
    assert_eq!(census.live(), 0);
}

#[test]
fn a_package_that_cannot_drop_its_resources_is_refused() {
    let mut wasm = std::fs::read(pack_tests::guest("resources")).unwrap();
    let (name, other) = (b"__pack_drop", b"__pack_keep");
    while let Some(at) = wasm.windows(name.len()).position(|bytes| bytes == name) {
        wasm[at..at + name.len()].copy_from_slice(other);
    }
    let error = pack_runtime::Runtime::new()
        .unwrap()
        .load(&wasm)
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("the module has no function `__pack_drop`"),
        "{error}"
    );
}

/// Keeps calls of one function from the guest.
struct Keep {
    answers: bool,
}

impl Interceptor<Host> for Keep {
    fn before(&self, _: &mut Host, call: &Call<'_>) -> Result<Action, HostError> {
        match call.function() {
            "use-files" if self.answers => Ok(Action::Answer(Some(Value::List(Vec::new())))),
            "use-files" => Err("not these".into()),
            _ => Ok(Action::Continue),
        }
    }
}

#[test]
fn what_an_interceptor_keeps_from_a_guest_the_guest_does_not_have() {
    for answers in [false, true] {
        let loaded = pack_tests::load("resources");
        let linker = Linker::new(&loaded).unwrap();
        let linker = linker.offer_world::<Resources<Host>>().unwrap();
        let linked = linker.intercept(Keep { answers }).link::<Resources<Host>>();
        let mut package = linked.unwrap().instantiate(Host::default()).unwrap();
        let census = Arc::clone(&package.instance().host().census);
        let file = |name| File::new(OpenFile::new(&census, name));
        let lent = file("lent");
        let entry = Entry {
            name: "entry".into(),
            file: file("entry"),
        };
        let kept = package.counters().use_files(&lent, file("given"), entry);
        match answers {
            true => assert!(kept.unwrap().is_empty()),
            false => assert!(matches!(kept, Err(Error::Interceptor { .. }))),
        }
        assert_eq!(
            census.live(),
            1,
            "what was given is dropped, what was lent is not"
        );
        assert_eq!(package.instance().poisoned(), None);
        for number in 0..2000 {
            let mut package = package.mischief();
            match package.guess(number) {
                Ok(name) => assert_ne!(name, "given"),
                // The guess ends the instance.
                Err(_) => break,
            }
        }
        drop(lent);
        assert_eq!(census.live(), 0);
    }
}
