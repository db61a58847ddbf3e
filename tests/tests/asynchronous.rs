//! Hosts whose functions can wait.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use pack_runtime::{Borrow, Error, Value};

pack_runtime::bindgen!({ path: "wit/resources.wit", async: true });

use imports::test::resources::{Files, Nodes};
use test::resources::files::{Entry, File, Found, Token, Two};
use test::resources::nodes::Node;

/// Waits until it has been asked twice.
async fn wait() {
    let mut asked = 0;
    poll_fn(|context| {
        asked += 1;
        context.waker().wake_by_ref();
        if asked < 2 {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    })
    .await;
}

#[derive(Clone, Default)]
struct Host {
    log: Arc<Mutex<VecDeque<String>>>,
    dropped: Arc<AtomicUsize>,
}

impl Host {
    async fn note(&mut self, what: &str) {
        wait().await;
        self.log.lock().unwrap().push_back(what.to_owned());
    }
}

struct OpenFile {
    text: String,
    dropped: Arc<AtomicUsize>,
}

impl Drop for OpenFile {
    fn drop(&mut self) {
        self.dropped.fetch_add(1, Relaxed);
    }
}

impl Files for Host {
    type File = OpenFile;

    async fn new_file(&mut self, name: String) -> OpenFile {
        self.note(&name).await;
        OpenFile {
            text: String::new(),
            dropped: Arc::clone(&self.dropped),
        }
    }

    async fn file_open(&mut self, name: String) -> Result<File, String> {
        Err(name)
    }

    async fn file_name(&mut self, file: &mut OpenFile) -> String {
        wait().await;
        file.text.clone()
    }

    async fn file_append(&mut self, file: &mut OpenFile, text: String) -> u32 {
        self.note("append").await;
        file.text.push_str(&text);
        u32::try_from(file.text.len()).unwrap()
    }

    async fn file_contents(&mut self, file: &mut OpenFile) -> String {
        file.text.clone()
    }

    async fn file_is_same(&mut self, _: &mut OpenFile, _: Borrow<File>) -> bool {
        false
    }

    async fn join(&mut self, first: File, _: File) -> File {
        wait().await;
        first
    }

    async fn find(&mut self, _: String) -> Found {
        Found::Nothing
    }

    async fn total_length(&mut self, files: Vec<Borrow<File>>, two: Option<Two>) -> u32 {
        wait().await;
        u32::try_from(files.len() + two.map_or(0, |_| 2)).unwrap()
    }

    async fn put(&mut self, _: Vec<Entry>, _: Option<File>) {}

    async fn new_token(&mut self) -> Token {
        Token::new(())
    }

    async fn check_token(&mut self, _: Borrow<Token>) -> bool {
        true
    }
}

impl Nodes for Host {
    type Node = String;

    async fn new_node(&mut self, label: String) -> String {
        label
    }

    async fn node_label(&mut self, node: &mut String) -> String {
        node.clone()
    }

    async fn node_children(&mut self, _: &mut String) -> Vec<Node> {
        Vec::new()
    }

    async fn adopt(&mut self, _: Borrow<Node>, _: Node) {}
}

impl imports::Resources for Host {
    type Session = u32;

    async fn session_id(&mut self, session: &mut u32) -> u32 {
        wait().await;
        *session
    }

    async fn open_session(&mut self) -> Session {
        Session::new(7_u32)
    }
}

fn file(host: &Host) -> File {
    File::new(OpenFile {
        text: String::new(),
        dropped: Arc::clone(&host.dropped),
    })
}

/// What a multi-threaded executor asks for.
fn sendable<F: Future + Send>(future: F) -> F {
    future
}

#[test]
fn calls_wait_in_host_functions() {
    let host = Host::default();
    let kept = host.clone();
    let outcome = sendable(async move {
        let package = pack_tests::load("resources");
        let mut package = Resources::instantiate(&package, host).await?;
        let (lent, given) = (
            file(package.instance().host()),
            file(package.instance().host()),
        );
        let entry = Entry {
            name: "entry".into(),
            file: file(package.instance().host()),
        };
        let mut counters = package.counters();
        let files = counters.use_files(&lent, given, entry).await?;
        assert_eq!(files.len(), 3);
        let text = lent.with(|file: &mut OpenFile| file.text.clone());
        assert_eq!(text.unwrap(), "4 false");

        let counter = counters.new_counter(5).await?;
        assert_eq!(counters.counter_add(&counter, 1).await?, 6);
        drop(counter);
        assert_eq!(counters.census().await?, (0, 1));
        // More than the room for arguments that there is at first.
        let counter = counters.new_counter(1).await?;
        let many = vec![Borrow::from(&counter); 5_000];
        assert_eq!(counters.sum(&many).await?, 5_000);

        let session = package.new_session().await?;
        assert_eq!(package.session_id(&session).await?, 7);
        let census = package
            .instance_mut()
            .call_async("test:resources/counters@0.1.0", "census", &[])
            .await?;
        assert_eq!(
            census,
            Some(Value::Tuple(vec![Value::U32(1), Value::U32(2)]))
        );
        Ok::<_, Error>(())
    });
    pollster::block_on(outcome).unwrap();
    let log: Vec<String> = kept.log.lock().unwrap().drain(..).collect();
    assert_eq!(log, ["append", "missing", "made by the guest"]);
    assert_eq!(kept.dropped.load(Relaxed), 5, "each file was dropped once");
}

#[test]
fn a_call_that_no_one_waits_for_poisons_the_instance() {
    let host = Host::default();
    let dropped = Arc::clone(&host.dropped);
    let package = pack_tests::load("resources");
    let mut package = pollster::block_on(Resources::instantiate(&package, host)).unwrap();
    let counter = pollster::block_on(package.counters().new_counter(1)).unwrap();
    let log = file(package.instance().host());
    {
        let mut counters = package.counters();
        let mut call = pin!(counters.counter_log_to(&counter, &log));
        let mut context = Context::from_waker(Waker::noop());
        assert!(call.as_mut().poll(&mut context).is_pending());
    }
    let text = log.with(|file: &mut OpenFile| file.text.clone());
    assert_eq!(text.unwrap(), "", "the value is back");
    let again = pollster::block_on(package.counters().counter_add(&counter, 1));
    assert!(matches!(again, Err(Error::Poisoned(_))));
    drop(package);
    drop(log);
    assert_eq!(dropped.load(Relaxed), 1);
}

#[test]
fn a_call_that_blocks_is_refused_where_host_functions_can_wait() {
    let package = pack_tests::load("resources");
    let mut package =
        pollster::block_on(Resources::instantiate(&package, Host::default())).unwrap();
    let blocking = package
        .instance_mut()
        .call("test:resources/counters@0.1.0", "census", &[]);
    assert!(blocking.unwrap_err().to_string().contains("async"));
}
