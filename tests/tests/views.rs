//! Values that a host reads where they lie: results, and what guests pass to its functions.

use pack_runtime::view::{ListRef, View};
use pack_runtime::{MessageLimits, Runtime};

pack_runtime::bindgen!({ path: "wit/shapes.wit", views: ["*"] });

use test::shapes::types::*;

/// With all types owned: what is viewed is compared with what it is.
mod waiting {
    pack_runtime::bindgen!({
        path: "wit/shapes.wit",
        async: true,
        fallible_imports: true,
        views: ["one-json", "test:shapes/host", "greet"],
    });
}

#[derive(Debug, Default)]
struct Host {
    heard: Vec<String>,
}

impl imports::test::shapes::Host for Host {
    fn no_result(&mut self, text: &str) {
        self.heard.push(text.to_owned());
    }

    fn sum(&mut self, values: ListRef<'_, u32>) -> u64 {
        values.iter().map(u64::from).sum()
    }

    fn flat(&mut self, point: Point, color: Color) -> Color {
        self.heard.push(format!("{point:?} {color:?}"));
        Color::Blue
    }

    fn nested(&mut self, value: JsonRef<'_>, person: Option<PersonRef<'_>>) -> Json {
        self.heard.push(format!("{person:?}"));
        value.to_owned()
    }

    fn repeat(&mut self, text: &str, times: u32) -> String {
        text.repeat(times as usize)
    }

    fn paint(
        &mut self,
        points: ListRef<'_, Point>,
        colors: ListRef<'_, Color>,
        shown: ListRef<'_, bool>,
    ) -> Vec<Color> {
        self.heard.push(format!("{points:?}"));
        let colors = colors.iter().zip(shown);
        colors
            .filter_map(|(color, shown)| shown.then_some(color))
            .collect()
    }
}

impl imports::Shapes for Host {
    fn world_level(&mut self, value: u32) -> u32 {
        value + 1
    }
}

fn shapes() -> Shapes<Host> {
    Shapes::instantiate(&pack_tests::load("shapes"), Host::default()).unwrap()
}

fn json() -> Json {
    Json::Object(vec![
        ("ü".into(), Json::Array(vec![Json::Null, Json::Number(1.5)])),
        ("".into(), Json::Text("two".into())),
        ("c".into(), Json::Boolean(true)),
    ])
}

fn person() -> Person {
    Person {
        id: 7,
        name: "Ada ✓".into(),
        tags: vec!["a".into(), String::new()],
        score: Some(0.5),
    }
}

/// All at once there are the same elements as one by one, from each one on.
fn assert_folds(items: impl Iterator<Item: std::fmt::Debug> + Clone) {
    let one_by_one: Vec<String> = {
        let mut items = items.clone();
        let next = || items.next().map(|item| format!("{item:?}"));
        std::iter::from_fn(next).collect()
    };
    assert!(one_by_one.len() > 1);
    for start in 0..=one_by_one.len() {
        let mut rest = items.clone();
        if let Some(before) = start.checked_sub(1) {
            rest.nth(before);
        }
        let mut at_once = Vec::new();
        rest.for_each(|item| at_once.push(format!("{item:?}")));
        assert_eq!(at_once, one_by_one[start..]);
    }
}

#[test]
fn results_are_read_where_they_lie() {
    let mut shapes = shapes();
    let text = shapes.echo().text("grüße").unwrap();
    assert_eq!(text.get(), "grüße");
    let view: View<'_, Json> = shapes.echo().one_json(&json()).unwrap();
    let JsonRef::Object(members) = view.get() else {
        panic!("{view:?}")
    };
    let keys: Vec<&str> = members.iter().map(|(key, _)| key).collect();
    assert_eq!(keys, ["ü", "", "c"]);
    assert_folds(members.iter());
    assert!(matches!(members.get(1), Some((_, JsonRef::Text("two")))));
    assert!(members.get(3).is_none());
    assert_eq!(view.to_owned(), json());
    assert_eq!(format!("{view:?}"), format!("{:?}", json()));

    let view = shapes.echo().one_person(&person()).unwrap();
    let PersonRef {
        id,
        name,
        tags,
        score,
    } = view.get();
    assert_eq!((id, name, score), (7, "Ada ✓", Some(0.5)));
    assert_eq!(
        (tags.len(), tags.first(), tags.is_empty()),
        (2, Some("a"), false)
    );
    assert_folds(tags.iter());

    let bytes = shapes.echo().blob(&[1, 2, 3]).unwrap();
    assert_eq!(&bytes.get()[1..], [2, 3]);
    assert_eq!(bytes.get().as_slice(), [1, 2, 3]);
    let points = vec![
        Point {
            x: 1.0,
            y: 2.0,
            z: 3.0
        };
        3
    ];
    let view = shapes.echo().points(&points).unwrap();
    assert_eq!(view.get().iter().map(|point| point.y).sum::<f64>(), 6.0);
    assert_eq!(view.get().iter().len(), 3);
    assert_folds(view.get().iter());
    assert_eq!(view.get().iter().nth(2), Some(points[2]));
    let table = [("a".to_owned(), vec![1, 2]), ("b".to_owned(), vec![])].into();
    let view = shapes.echo().table(&table).unwrap();
    let entries: Vec<(&str, &[u8])> = view
        .get()
        .iter()
        .map(|(key, value)| (key, value.as_slice()))
        .collect();
    assert_eq!(entries, [("a", &[1, 2][..]), ("b", &[])]);
    assert_folds(view.get().iter());
    // What is not viewed is as it was.
    assert_eq!(shapes.echo().one_color(Color::Green).unwrap(), Color::Green);
    assert_eq!(shapes.greet("you").unwrap().get(), "Hello, you!");
    assert_eq!(shapes.trouble().fail().unwrap().get(), Err("as asked"));
}

#[test]
fn host_functions_borrow_what_they_are_passed() {
    let mut shapes = shapes();
    shapes.callback().no_result("heard").unwrap();
    assert_eq!(shapes.callback().sum(&[1, 2, 3]).unwrap(), 6);
    assert_eq!(shapes.callback().repeat("ab", 3).unwrap().get(), "ababab");
    let person = person();
    let view = shapes.callback().nested(&json(), Some(&person)).unwrap();
    assert_eq!(view.to_owned(), json());
    let colors = [Color::Green, Color::Red];
    let point = Point {
        x: 0.5,
        y: -1.0,
        z: 2.0,
    };
    let painted = shapes.callback().paint(&[point], &colors, &[false, true]);
    assert_eq!(painted.unwrap().get().to_vec(), [Color::Red]);
    let heard = [
        "heard".to_owned(),
        format!("Some({person:?})"),
        format!("[{point:?}]"),
    ];
    assert_eq!(shapes.instance().host().heard, heard);
}

/// Larger than what the guest offers at first, and than what is kept.
#[test]
fn large_values_are_viewed_again_and_again() {
    let mut shapes = shapes();
    for size in [3 << 20, 10, 3 << 20, 0, 10, 10] {
        let text = "x".repeat(size);
        assert_eq!(shapes.echo().text(&text).unwrap().get(), text);
    }
}

#[test]
fn what_is_wrong_is_found_before_it_is_viewed() {
    let limits = pack_runtime::Limits::DEFAULT.with_message(MessageLimits::DEFAULT.with_depth(3));
    let runtime = Runtime::builder().limits(limits).build().unwrap();
    let package = runtime.load_file(pack_tests::guest("shapes")).unwrap();
    let mut shapes = Shapes::instantiate(&package, Host::default()).unwrap();
    let deep = |depth| (0..depth).fold(Json::Null, |json, _| Json::Array(vec![json]));
    assert!(shapes.echo().one_json(&deep(2)).is_ok());
    let error = shapes.trouble().deep(5).unwrap_err();
    let words = "needs more (the limit is `Limits::message.depth`)";
    assert!(error.to_string().contains(words), "{error}");
}

struct Waiting;

impl waiting::imports::test::shapes::Host for Waiting {
    async fn no_result(&mut self, _: &str) -> Result<(), pack_runtime::HostError> {
        Ok(())
    }

    async fn sum(&mut self, values: ListRef<'_, u32>) -> Result<u64, pack_runtime::HostError> {
        let mut sum = 0;
        for value in values {
            std::future::ready(()).await;
            sum += u64::from(value);
        }
        Ok(sum)
    }

    async fn flat(
        &mut self,
        _: waiting::test::shapes::types::Point,
        color: waiting::test::shapes::types::Color,
    ) -> Result<waiting::test::shapes::types::Color, pack_runtime::HostError> {
        Ok(color)
    }

    async fn nested(
        &mut self,
        value: waiting::test::shapes::types::JsonRef<'_>,
        _: Option<waiting::test::shapes::types::PersonRef<'_>>,
    ) -> Result<waiting::test::shapes::types::Json, pack_runtime::HostError> {
        Ok(value.to_owned())
    }

    async fn repeat(&mut self, _: &str, _: u32) -> Result<String, pack_runtime::HostError> {
        Err("not today".into())
    }

    async fn paint(
        &mut self,
        _: ListRef<'_, waiting::test::shapes::types::Point>,
        colors: ListRef<'_, waiting::test::shapes::types::Color>,
        _: ListRef<'_, bool>,
    ) -> Result<Vec<waiting::test::shapes::types::Color>, pack_runtime::HostError> {
        Ok(colors.to_vec())
    }
}

impl waiting::imports::Shapes for Waiting {
    async fn world_level(&mut self, value: u32) -> Result<u32, pack_runtime::HostError> {
        Ok(value)
    }
}

#[test]
fn views_are_there_for_who_waits_too() {
    let package = pack_tests::load("borrowed");
    pollster::block_on(async {
        let mut shapes = waiting::Shapes::instantiate(&package, Waiting)
            .await
            .unwrap();
        assert_eq!(shapes.greet("you").await.unwrap().get(), "Hello, you!");
        assert_eq!(shapes.callback().sum(&[1, 2]).await.unwrap(), 3);
        let value = waiting::test::shapes::types::Json::Boolean(true);
        let view = shapes.echo().one_json(&value).await.unwrap();
        assert_eq!(view.to_owned(), value);
        drop(view);
        // This one was not asked for.
        assert_eq!(shapes.echo().text("x").await.unwrap(), "x");
        let error = shapes.callback().repeat("x", 1).await.unwrap_err();
        assert!(error.to_string().ends_with("failed: not today"), "{error}");
    });
}
