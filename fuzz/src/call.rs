//! Guests that lie, in real instances.

mod host;
mod module;
mod plan;

use std::mem::discriminant;
use std::sync::{Arc, OnceLock};

use pack_abi::value::encode_value;
use pack_abi::{GraphValue, Limits as MessageLimits, decode, encode};
use pack_runtime::{Borrow, Error, LimitKind, Limits, Linked, Package, Runtime, Value};

use self::host::{Counter, File, Host, Hostile, Json, Point};
use self::plan::{Call, Exported, Plan};
use crate::cost::bounded;
use crate::input::Input;

/// Memory of the host that one plan may take on one road.
const MEMORY: usize = 32 << 20;

/// The bytes are what the guest does in a few calls; see [`Plan`].
pub fn call(data: &[u8]) {
    let plan = Plan::read(Input::new(data));
    let typed = bounded(MEMORY, &plan, || play(&plan, typed));
    if plan.calls.iter().all(|call| !call.exported.has_resources()) {
        let dynamic = bounded(MEMORY, &plan, || play(&plan, dynamic));
        for (typed, dynamic) in typed.iter().zip(&dynamic) {
            assert_agree(typed, dynamic, &plan);
        }
    }
    let mut next = linked().instantiate(Host::default()).unwrap();
    plan::WELL_BEHAVED.prepare(next.instance_mut());
    assert_eq!(next.guest().number().unwrap(), 7, "{plan:?}");
}

type Answer = Result<Vec<u8>, Error>;

/// The answers to the calls of a plan, in a new instance.
fn play(plan: &Plan, road: fn(&mut Hostile<Host>, &mut Held, &Call) -> Answer) -> Vec<Answer> {
    let files = Arc::new(());
    let mut hostile = linked().instantiate(Host::new(&files)).unwrap();
    let mut held = Held::default();
    let mut answers: Vec<Answer> = Vec::new();
    for call in &plan.calls {
        call.prepare(hostile.instance_mut());
        let answer = road(&mut hostile, &mut held, call);
        if let Err(error) = &answer {
            let words = error.to_string();
            assert!(!words.is_empty() && words.len() < 1 << 20, "{plan:?}");
        }
        if let Some(last) = answers.last() {
            assert_poisoned_or_not(last, &answer, plan);
        }
        answers.push(answer);
        let usage = hostile.instance().usage();
        assert!(usage.memory <= LIMITS.memory, "{usage:?} {plan:?}");
    }
    drop((hostile, held));
    assert_eq!(
        Arc::strong_count(&files),
        1,
        "all files are dropped: {plan:?}"
    );
    answers
}

/// An instance is used again after an answer, and not after a guest that did not come back.
fn assert_poisoned_or_not(before: &Answer, now: &Answer, plan: &Plan) {
    let is_poisoned = matches!(now, Err(Error::Poisoned(_)));
    match before {
        Ok(_) | Err(Error::Decode { .. } | Error::GuestMemory { .. } | Error::Convention(_)) => {
            assert!(!is_poisoned, "{before:?} {now:?} {plan:?}");
        }
        Err(Error::Trap(_) | Error::Panic(_) | Error::HostFunction(_) | Error::Poisoned(_)) => {
            assert!(is_poisoned, "{before:?} {now:?} {plan:?}");
        }
        Err(_) => {}
    }
}

fn assert_agree(typed: &Answer, dynamic: &Answer, plan: &Plan) {
    match (typed, dynamic) {
        (Ok(typed), Ok(dynamic)) => assert_eq!(typed, dynamic, "{plan:?}"),
        (Err(typed), Err(dynamic)) => {
            if !is_budget(typed) && !is_budget(dynamic) {
                let kinds = (discriminant(typed), discriminant(dynamic));
                assert_eq!(kinds.0, kinds.1, "{typed}\n{dynamic}\n{plan:?}");
            }
        }
        (Err(error), Ok(_)) | (Ok(_), Err(error)) => {
            assert!(is_budget(error), "{typed:?}\n{dynamic:?}\n{plan:?}");
        }
    }
}

/// What is counted differently on the two roads.
fn is_budget(error: &Error) -> bool {
    matches!(
        error.limit(),
        Some(LimitKind::Nodes(_) | LimitKind::Bytes(_) | LimitKind::Levels(_))
    )
}

/// What the host holds of the guest between calls.
#[derive(Default)]
struct Held {
    counters: Vec<Counter>,
    files: Vec<File>,
}

fn typed(hostile: &mut Hostile<Host>, held: &mut Held, call: &Call) -> Answer {
    let file = || File::new(hostile.instance().host().file());
    let files = matches!(call.exported, Exported::Files).then(|| (file(), file()));
    let mut guest = hostile.guest();
    match call.exported {
        Exported::Nothing => written(&guest.nothing()?),
        Exported::Number => written(&guest.number()?),
        Exported::Letter => written(&guest.letter()?),
        Exported::Float => written(&guest.float()?),
        Exported::Color => written(&guest.get_color()?),
        Exported::Access => written(&guest.get_access()?),
        Exported::Text => written(&guest.text()?),
        Exported::Bytes => written(&guest.bytes()?),
        Exported::Point => written(&guest.get_point()?),
        Exported::Tree => written(&guest.get_tree()?),
        Exported::Json => written(&guest.get_json()?),
        Exported::Maybe => written(&guest.maybe()?),
        Exported::Outcome => written(&guest.outcome()?),
        Exported::Take => {
            let text = call.text();
            let value = Json::Array(vec![Json::Text(text.clone()), Json::Number(0.5)]);
            written(&guest.take(&text, &call.numbers(), &value, Point { x: -1, y: 2 }, 'ß')?)
        }
        Exported::Give => {
            let (text, counter) = guest.give()?;
            held.counters.push(counter);
            written(&text)
        }
        Exported::NewCounter => {
            held.counters.push(guest.new_counter(7)?);
            Ok(Vec::new())
        }
        Exported::Add => match held.counters.last() {
            Some(counter) => written(&guest.counter_add(counter, 1)?),
            None => written(&guest.nothing()?),
        },
        Exported::Sum => {
            let lent: Vec<_> = held.counters.iter().map(Borrow::from).collect();
            let sum = guest.sum(&lent)?;
            held.counters.pop();
            written(&sum)
        }
        Exported::Files => {
            let Some((lent, given)) = files else {
                return Ok(Vec::new());
            };
            held.files.extend(guest.files(&lent, given)?);
            held.files.push(lent);
            Ok(Vec::new())
        }
    }
}

fn dynamic(hostile: &mut Hostile<Host>, _: &mut Held, call: &Call) -> Answer {
    let arguments = match call.exported {
        Exported::Take => {
            let case =
                |name: &str, value: Value| Value::Variant(name.into(), Some(Box::new(value)));
            let text = call.text();
            let parts = vec![
                case("text", Value::String(text.clone())),
                case("number", Value::F64(0.5)),
            ];
            let point = vec![("x".into(), Value::S16(-1)), ("y".into(), Value::U8(2))];
            vec![
                Value::String(text),
                Value::List(call.numbers().into_iter().map(Value::U32).collect()),
                case("array", Value::List(parts)),
                Value::Record(point),
                Value::Char('ß'),
            ]
        }
        _ => Vec::new(),
    };
    let (interface, name) = call.exported.name();
    let value = hostile.instance_mut().call(interface, name, &arguments)?;
    let contract = hostile.instance().types();
    let function = contract
        .export(interface)
        .and_then(|i| i.function(name))
        .unwrap();
    let (Some(ty), Some(value)) = (function.result, value) else {
        return Ok(Vec::new());
    };
    let bytes = encode_value(contract, ty, &value, MessageLimits::DEFAULT).unwrap();
    Ok(match call.exported {
        // Maps in the order of the typed road.
        Exported::Json => rewritten::<Json>(&bytes),
        Exported::Outcome => rewritten::<host::Outcome>(&bytes),
        _ => bytes,
    })
}

fn rewritten<T: GraphValue>(bytes: &[u8]) -> Vec<u8> {
    encode(&decode::<T>(bytes, MessageLimits::DEFAULT).unwrap()).unwrap()
}

fn written<T: GraphValue>(value: &T) -> Answer {
    Ok(encode(value).unwrap())
}

const LIMITS: Limits = Limits::DEFAULT
    .with_memory(8 << 16)
    .with_stack(128 << 10)
    .with_time(None)
    .with_fuel(Some(20_000))
    .with_argument_bytes(64 << 10)
    .with_message(
        MessageLimits::DEFAULT
            .with_depth(50)
            .with_nodes(2_000)
            .with_bytes(256 << 10),
    );

fn linked() -> &'static Linked<Hostile<Host>> {
    static LINKED: OnceLock<Linked<Hostile<Host>>> = OnceLock::new();
    LINKED.get_or_init(|| {
        let runtime = Runtime::builder().limits(LIMITS).build().unwrap();
        let wasm = wat::parse_str(module::text()).unwrap();
        let package: Package = runtime.load(&wasm).unwrap();
        Hostile::link(&package).unwrap()
    })
}
