//! What a guest does in a few calls, from bytes.

use pack_abi::convention::pack_pointer;
use pack_runtime::Instance;

use super::module::{
    self, ALLOC, AREA, COPY, HOOKS, IMPORTS, LAST, PAYLOAD, RESULT, STEPS, STRIDE,
};
use crate::input::Input;

/// The most calls of a plan, and the most steps of a call. They fit between [`STEPS`] and what follows it.
const CALLS: usize = 4;
const MOST_STEPS: usize = 12;

#[derive(Debug)]
pub(super) struct Plan {
    pub(super) calls: Vec<Call>,
}

/// One call of an export.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) exported: Exported,
    result: u64,
    alloc: u32,
    hooks: bool,
    /// An opcode and its operands each.
    steps: Vec<(u32, Vec<u64>)>,
    payload: Vec<u8>,
}

pub(super) const WELL_BEHAVED: Call = Call {
    exported: Exported::Number,
    result: 7,
    alloc: AREA,
    hooks: false,
    steps: Vec::new(),
    payload: Vec::new(),
};

impl Plan {
    pub(super) fn read(mut input: Input<'_>) -> Self {
        let mut calls = Vec::new();
        while calls.is_empty() || (!input.is_empty() && calls.len() < CALLS) {
            calls.push(Call::read(&mut input));
        }
        Self { calls }
    }
}

impl Call {
    fn read(input: &mut Input<'_>) -> Self {
        let exported = Exported::ALL[input.below(Exported::ALL.len())];
        let payload = input.block().to_vec();
        let length = u32::try_from(payload.len()).unwrap();
        let result = match input.below(4) {
            0 => pack_pointer(PAYLOAD, length),
            1 => pack_pointer(PAYLOAD + u32::from(input.byte()), input.byte().into()),
            2 => input.byte().into(),
            _ => u64::from_le_bytes(input.bytes()),
        };
        let alloc = match input.below(4) {
            3 => u32::from_le_bytes(input.bytes()),
            2 => PAYLOAD,
            _ => AREA,
        };
        let hooks = input.below(4) == 3;
        let mut steps = Vec::new();
        for _ in 0..input.below(8) {
            step(input, length, &mut steps);
        }
        steps.truncate(MOST_STEPS);
        Self {
            exported,
            result,
            alloc,
            hooks,
            steps,
            payload,
        }
    }

    /// Writes into the guest's memory what it is to do.
    pub(super) fn prepare<T>(&self, instance: &mut Instance<T>) {
        let mut put = |at: u32, bytes: &[u8]| instance.write_memory(at, bytes).unwrap();
        put(RESULT, &self.result.to_le_bytes());
        put(ALLOC, &self.alloc.to_le_bytes());
        put(HOOKS, &u32::from(self.hooks).to_le_bytes());
        put(PAYLOAD, &self.payload);
        let mut at = STEPS;
        for (code, operands) in &self.steps {
            put(at, &code.to_le_bytes());
            for (slot, operand) in operands.iter().enumerate() {
                put(module::slot(at, slot), &operand.to_le_bytes());
            }
            at += STRIDE;
        }
        put(at, &module::END.to_le_bytes());
    }

    /// An argument.
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.payload).into_owned()
    }

    /// An argument.
    pub(super) fn numbers(&self) -> Vec<u32> {
        self.payload.iter().copied().map(u32::from).collect()
    }
}

/// One step, and those before it that get its operands from results of imports.
fn step(input: &mut Input<'_>, payload: u32, steps: &mut Vec<(u32, Vec<u64>)>) {
    let codes = IMPORTS + u32::try_from(module::imports().len()).unwrap();
    let code = u32::from(input.byte()) % codes;
    let count = match code.checked_sub(IMPORTS) {
        Some(import) => {
            let import = usize::try_from(import).unwrap();
            module::imports()[import].params.len()
        }
        None => 2,
    };
    let mut operands = Vec::new();
    let mut from_results = Vec::new();
    for slot in 0..count {
        operands.push(match input.below(8) {
            0 => u64::from(PAYLOAD),
            1 => u64::from(PAYLOAD) + u64::from(input.byte()),
            2 => u64::from(payload),
            3 => u64::from(input.byte()),
            4 => u64::from(u32::from_le_bytes(input.bytes())),
            5 => u64::from_le_bytes(input.bytes()),
            6 => u64::from(AREA),
            _ => {
                from_results.push(slot);
                0
            }
        });
    }
    let own = steps.len() + from_results.len();
    let own = STEPS + STRIDE * u32::try_from(own).unwrap();
    for slot in from_results {
        let to = u64::from(module::slot(own, slot));
        steps.push((COPY, vec![to, u64::from(LAST)]));
    }
    steps.push((code, operands));
}

macro_rules! exported {
    ($($case:ident $name:literal,)*) => {
        /// The functions of the guest.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Exported {
            $($case,)*
        }

        impl Exported {
            const ALL: &[Self] = &[$(Self::$case,)*];

            /// Interface and name.
            pub(super) fn name(self) -> (&'static str, &'static str) {
                ("fuzz:guest/guest", match self {
                    $(Self::$case => $name,)*
                })
            }
        }
    };
}

exported! {
    Nothing "nothing",
    Number "number",
    Letter "letter",
    Float "float",
    Color "get-color",
    Access "get-access",
    Text "text",
    Bytes "bytes",
    Point "get-point",
    Tree "get-tree",
    Json "get-json",
    Maybe "maybe",
    Outcome "outcome",
    Take "take",
    Give "give",
    NewCounter "[constructor]counter",
    Add "[method]counter.add",
    Sum "sum",
    Files "files",
}

impl Exported {
    /// Dynamic calls have none.
    pub(super) fn has_resources(self) -> bool {
        matches!(
            self,
            Self::Give | Self::NewCounter | Self::Add | Self::Sum | Self::Files
        )
    }
}
