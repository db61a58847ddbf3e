//! Whether what a package says fits what a host was compiled against, and if not, where.
//!
//! The comparison is structural: names of functions, fields, cases and flags count; names of types and
//! parameters do not. It follows the direction in which data flows. Where one side only ever sends, its
//! variant cases, enum cases and flags may be a prefix of what the other side knows, at the same width on
//! the wire; everything else must be equal.

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use super::{Contract, EXPORTS, Function, FunctionName, Interface, Provider, Type, TypeKind};

/// How two contracts relate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// The same functions over the same types.
    Identical,
    /// Different, but every call the host makes or answers works.
    Compatible,
    /// Some call would not work.
    Breaking,
}

/// The outcome of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// How the two relate.
    pub verdict: Verdict,
    /// Everything that stands in the way, in order of function. Empty unless the verdict is
    /// [`Verdict::Breaking`]. What stands in the way of several functions is told of the first, and the others point there.
    pub mismatches: Vec<Mismatch>,
    /// What differs and does not stand in the way: functions that only the side has that does not need the other's, and
    /// cases and flags that only the one who reads knows. It is told once, whatever number of functions it concerns.
    pub harmless: Vec<Mismatch>,
}

/// One place where two contracts do not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// Who calls it: an interface or a function may be on both sides.
    pub role: Role,
    /// `interface.function`, or the interface alone when all of it is missing.
    pub function: String,
    /// Where inside the function's types: `record expr, field "op"`. Empty when the function itself is
    /// concerned.
    pub place: String,
    /// What the host has there.
    pub host: String,
    /// What the package has there.
    pub package: String,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.function)?;
        if !self.place.is_empty() {
            write!(f, "{}: ", self.place)?;
        }
        write!(f, "host has {}, package has {}", self.host, self.package)
    }
}

/// Compares what a host was compiled against with what a package says.
///
/// Of the exports, the package must have all that the host has. Of the imports, the host must have all
/// that the package has. More on the other side is fine.
///
/// ```
/// use pack_abi::Contract;
/// use pack_abi::schema::diff::{Verdict, compare};
/// # use pack_abi::schema::{Function, Interface, Param, ROOT, Schema, SchemaError, Type};
/// # fn greeting(ty: Type) -> Result<Contract, SchemaError> {
/// #     let params = vec![Param { name: "name".to_owned(), ty }];
/// #     let greet = Function { name: "greet".to_owned(), params, ..Function::default() };
/// #     let root = Interface { name: ROOT.to_owned(), functions: vec![greet], ..Interface::default() };
/// #     Contract::new(Schema { exports: vec![root], ..Schema::default() })
/// # }
///
/// // Two worlds that export `greet: func(name: …)`.
/// let (host, package): (Contract, Contract) = (greeting(Type::String)?, greeting(Type::U32)?);
/// let comparison = compare(&host, &package);
/// assert_eq!(comparison.verdict, Verdict::Breaking);
/// assert_eq!(
///     comparison.mismatches[0].to_string(),
///     "greet: parameter \"name\": host has string, package has u32"
/// );
/// # Ok::<(), SchemaError>(())
/// ```
pub fn compare(host: &Contract, package: &Contract) -> Comparison {
    let mut walk = Walk::new(host, package);
    for wanted in &host.exports {
        walk.interface(wanted, &package.exports, Role::Export);
    }
    for needed in &package.imports {
        walk.interface(needed, &host.imports, Role::Import);
    }
    for (had, other, role) in [
        (&package.exports, &host.exports, Role::Export),
        (&host.imports, &package.imports, Role::Import),
    ] {
        walk.more(had, other, role);
    }
    walk.finish()
}

/// [`compare`], of what the host calls alone.
pub fn compare_exports(host: &Contract, package: &Contract) -> Comparison {
    let mut walk = Walk::new(host, package);
    for wanted in &host.exports {
        walk.interface(wanted, &package.exports, Role::Export);
    }
    walk.finish()
}

/// Compares one function that both sides have. `name` is what it is called in the mismatches.
pub fn compare_function(
    host: (&Contract, &Function),
    package: (&Contract, &Function),
    role: Role,
    name: &str,
) -> Comparison {
    let mut walk = Walk::new(host.0, package.0);
    walk.function(name, host.1, package.1, role);
    walk.finish()
}

/// Who calls a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The host calls the package.
    Export,
    /// The package calls the host.
    Import,
}

/// In which direction values of a pair of types travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Flow {
    ToPackage,
    ToHost,
}

struct Walk<'a> {
    host: &'a Contract,
    package: &'a Contract,
    mismatches: Vec<(FunctionId, Mismatch)>,
    harmless: Vec<Mismatch>,
    /// The functions that were compared.
    functions: Vec<(String, Role)>,
    /// All pairs that were met. Each is looked at once, which makes the comparison of cyclic types end.
    pairs: BTreeMap<(Type, Type, Flow), PairId>,
    /// Where each of them is.
    uses: Vec<Vec<Use>>,
    /// Those that do not fit, and the function of which that is told.
    misfits: VecDeque<(PairId, FunctionId)>,
    queue: VecDeque<Pair>,
}

/// In the order in which they are met.
type PairId = usize;
type FunctionId = usize;

/// Where a pair of types is.
enum Use {
    /// A parameter or the result of a function.
    Function {
        id: FunctionId,
        /// Which of them: parameters count from 0, the result comes last.
        at: usize,
        value: Passed,
    },
    /// A part of another pair.
    Part(PairId),
}

/// What is passed to a function, or comes back.
struct Passed {
    place: String,
    host: Type,
    package: Type,
}

/// A place inside a function's types, what the host has there, and what the package has.
type Difference = (String, String, String);

struct Pair {
    host: Type,
    package: Type,
    flow: Flow,
    place: String,
    part_of: Use,
}

impl<'a> Walk<'a> {
    fn new(host: &'a Contract, package: &'a Contract) -> Self {
        Self {
            host,
            package,
            mismatches: Vec::new(),
            harmless: Vec::new(),
            functions: Vec::new(),
            pairs: BTreeMap::new(),
            uses: Vec::new(),
            misfits: VecDeque::new(),
            queue: VecDeque::new(),
        }
    }

    fn finish(mut self) -> Comparison {
        self.find_joined();
        let verdict = match (self.mismatches.is_empty(), self.harmless.is_empty()) {
            (false, _) => Verdict::Breaking,
            (true, false) => Verdict::Compatible,
            (true, true) => Verdict::Identical,
        };
        self.point_to_misfits();
        self.mismatches.sort_by_key(|(function, _)| *function);
        let mismatches = self.mismatches.into_iter().map(|(_, mismatch)| mismatch);
        let mismatches: Vec<Mismatch> = mismatches.collect();
        // What goes both ways may do harm in one of them only.
        let mut harmless = self.harmless;
        harmless.retain(|one| {
            let same = |other: &Mismatch| {
                (other.role, &other.function, &other.place) == (one.role, &one.function, &one.place)
            };
            !mismatches.iter().any(same)
        });
        Comparison {
            verdict,
            mismatches,
            harmless,
        }
    }

    /// A type that does not fit is told of once. All other functions that have it say where.
    fn point_to_misfits(&mut self) {
        let mut told = BTreeMap::new();
        while let Some((pair, function)) = self.misfits.pop_front() {
            if told.contains_key(&pair) {
                continue;
            }
            told.insert(pair, function);
            for used in self.uses.get(pair).into_iter().flatten() {
                if let Use::Part(whole) = used {
                    self.misfits.push_back((*whole, function));
                }
            }
        }
        let mut pointers = Vec::new();
        for (pair, told) in &told {
            for used in self.uses.get(*pair).into_iter().flatten() {
                let Use::Function { id, at, value } = used else {
                    continue;
                };
                let names = (self.functions.get(*id), self.functions.get(*told));
                let (Some((name, role)), Some((there, their_role))) = names else {
                    continue;
                };
                if id == told {
                    continue;
                }
                let side = match their_role {
                    _ if role == their_role => "",
                    Role::Export => ", which the package exports",
                    Role::Import => ", which the package imports",
                };
                let package = self.package.display(value.package);
                let mismatch = Mismatch {
                    role: *role,
                    function: name.clone(),
                    place: value.place.clone(),
                    host: self.host.display(value.host).to_string(),
                    package: format!("{package}, which differs as in {there}{side}"),
                };
                pointers.push(((*id, *at), mismatch));
            }
        }
        // In the order of the parameters, and then the result.
        pointers.sort_by_key(|(place, _)| *place);
        let pointers = pointers.into_iter().map(|((id, _), pointer)| (id, pointer));
        self.mismatches.extend(pointers);
    }

    /// A shared subtree is written once for all places of its type in a message, so that all of them must read it as one type.
    fn find_joined(&mut self) {
        // What each recursive type that one side sends is read as.
        let mut readers: BTreeMap<(Type, Flow), BTreeSet<Type>> = BTreeMap::new();
        let sent = |host: Type, package: Type, flow| match flow {
            Flow::ToPackage if self.host.is_recursive(host) => Some((host, package)),
            Flow::ToHost if self.package.is_recursive(package) => Some((package, host)),
            _ => None,
        };
        for (host, package, flow) in self.pairs.keys() {
            if let Some((sent, read)) = sent(*host, *package, *flow) {
                readers.entry((sent, *flow)).or_default().insert(read);
            }
        }
        if readers.values().all(|readers| readers.len() < 2) {
            return;
        }
        // Only then is it worth to look which of them are in one message.
        let mut of_pair = vec![None; self.uses.len()];
        for ((host, package, flow), id) in &self.pairs {
            if let (Some(place), Some((sent, read))) =
                (of_pair.get_mut(*id), sent(*host, *package, *flow))
            {
                *place = Some((sent, *flow, read));
            }
        }
        let mut parts: Vec<Vec<PairId>> = vec![Vec::new(); self.uses.len()];
        let mut roots: Vec<Vec<PairId>> = vec![Vec::new(); self.functions.len()];
        for (pair, uses) in self.uses.iter().enumerate() {
            for used in uses {
                let list = match used {
                    Use::Part(whole) => parts.get_mut(*whole),
                    Use::Function { id, .. } => roots.get_mut(*id),
                };
                if let Some(list) = list {
                    list.push(pair);
                }
            }
        }
        let mut found = Vec::new();
        for (function, roots) in roots.into_iter().enumerate() {
            let (mut open, mut seen) = (roots, BTreeSet::new());
            let mut read_as = BTreeMap::new();
            while let Some(pair) = open.pop() {
                if !seen.insert(pair) {
                    continue;
                }
                open.extend(parts.get(pair).into_iter().flatten());
                let Some((sent, flow, read)) = of_pair.get(pair).copied().flatten() else {
                    continue;
                };
                let first = *read_as.entry((sent, flow)).or_insert(read);
                if first != read {
                    found.push((function, sent, flow, [first, read]));
                    break;
                }
            }
        }
        for (id, sent, flow, [first, second]) in found {
            let (sender, reader) = match flow {
                Flow::ToPackage => (self.host, self.package),
                Flow::ToHost => (self.package, self.host),
            };
            let one = format!("{} in all places", sender.describe(sent));
            let two = format!(
                "{} in some and {} in others, which cannot share nodes",
                reader.describe(first),
                reader.describe(second)
            );
            let place = sender.describe(sent);
            let (host, package) = match flow {
                Flow::ToPackage => (one, two),
                Flow::ToHost => (two, one),
            };
            let Some((function, role)) = self.functions.get(id).cloned() else {
                continue;
            };
            let mismatch = Mismatch {
                role,
                function,
                place,
                host,
                package,
            };
            self.mismatches.push((id, mismatch));
        }
    }

    /// Notes what is in the way of the function that is being compared.
    fn mismatch(&mut self, mismatch: Mismatch) {
        self.mismatches.push((self.functions.len(), mismatch));
    }

    /// What one side has, and the other does not need: exports of the package, imports of the host.
    fn more(&mut self, had: &[Interface], other: &[Interface], role: Role) {
        for interface in had {
            let twin = other.iter().find(|other| other.name == interface.name);
            if twin.is_none() && interface.name != super::ROOT {
                if !interface.functions.is_empty() {
                    self.surplus("interface", interface.name.clone(), role);
                }
                continue;
            }
            let is_known = |name: &str| twin.is_some_and(|twin| twin.function(name).is_some());
            let functions = interface.functions.iter();
            for function in functions.filter(|function| !is_known(&function.name)) {
                self.surplus("function", function_name(interface, function), role);
            }
        }
    }

    fn surplus(&mut self, what: &str, function: String, role: Role) {
        let (has, lacks) = (String::from(what), format!("no such {what}"));
        let (host, package) = match role {
            Role::Export => (lacks, has),
            Role::Import => (has, lacks),
        };
        self.harmless.push(Mismatch {
            role,
            function,
            place: String::new(),
            host,
            package,
        });
    }

    /// `needed` is an interface of the side that calls, `offered` are those of the side that answers.
    fn interface(&mut self, needed: &Interface, offered: &[Interface], role: Role) {
        let missing = |what: &str, hint: String| {
            let (has, lacks) = (String::from(what), format!("no such {what}{hint}"));
            match role {
                Role::Export => (has, lacks),
                Role::Import => (lacks, has),
            }
        };
        let nothing = Interface::default();
        let found = offered.iter().find(|other| other.name == needed.name);
        // The world itself is always there, if without functions.
        let Some(offered) = found.or((needed.name == super::ROOT).then_some(&nothing)) else {
            if !needed.functions.is_empty() {
                // Most often it is there in another version.
                let same = |other: &&Interface| other.short_name() == needed.short_name();
                let hint = offered
                    .iter()
                    .find(same)
                    .map(|other| format!("; it has {}", other.name));
                let (host, package) = missing("interface", hint.unwrap_or_default());
                let (function, place) = (needed.name.clone(), String::new());
                self.mismatch(Mismatch {
                    role,
                    function,
                    place,
                    host,
                    package,
                });
            }
            return;
        };
        for function in &needed.functions {
            let name = function_name(needed, function);
            match offered.function(&function.name) {
                Some(other) => {
                    let (host, package) = match role {
                        Role::Export => (function, other),
                        Role::Import => (other, function),
                    };
                    self.function(&name, host, package, role);
                }
                None => {
                    let (host, package) = missing("function", String::new());
                    self.mismatch(Mismatch {
                        role,
                        function: name,
                        place: String::new(),
                        host,
                        package,
                    });
                }
            }
        }
    }

    fn function(&mut self, name: &str, host: &Function, package: &Function, role: Role) {
        let (inward, outward) = match role {
            Role::Export => (Flow::ToPackage, Flow::ToHost),
            Role::Import => (Flow::ToHost, Flow::ToPackage),
        };
        let id = self.functions.len();
        let pair = |at, place: String, flow, host, package| Pair {
            host,
            package,
            flow,
            place: place.clone(),
            part_of: Use::Function {
                id,
                at,
                value: Passed {
                    place,
                    host,
                    package,
                },
            },
        };
        let (mut found, mut harmless) = (Vec::new(), Vec::new());
        if host.params.len() == package.params.len() {
            for (at, (ours, theirs)) in host.params.iter().zip(&package.params).enumerate() {
                let place = format!("parameter {:?}", ours.name);
                self.queue
                    .push_back(pair(at, place, inward, ours.ty, theirs.ty));
            }
        } else {
            let describe = |contract: &Contract, function: &Function| {
                let params: Vec<String> = function
                    .params
                    .iter()
                    .map(|p| format!("{}: {}", p.name, contract.display(p.ty)))
                    .collect();
                format!("({})", params.join(", "))
            };
            let (host, package) = (describe(self.host, host), describe(self.package, package));
            found.push((String::from("parameters"), host, package));
        }
        match (host.result, package.result) {
            (Some(ours), Some(theirs)) => {
                let place = String::from("result");
                self.queue
                    .push_back(pair(usize::MAX, place, outward, ours, theirs));
            }
            (None, None) => {}
            (ours, theirs) => {
                let describe = |contract: &Contract, ty: Option<Type>| {
                    ty.map_or(String::from("none"), |ty| contract.display(ty).to_string())
                };
                let (host, package) = (describe(self.host, ours), describe(self.package, theirs));
                found.push((String::from("result"), host, package));
            }
        }
        while let Some(pair) = self.queue.pop_front() {
            self.pair(pair, &mut found, &mut harmless);
        }
        // A type that goes both ways is met twice.
        for (differences, is_in_the_way) in [(found, true), (harmless, false)] {
            let mut told = BTreeSet::new();
            for (place, host, package) in differences {
                if !told.insert((place.clone(), host.clone(), package.clone())) {
                    continue;
                }
                let mismatch = Mismatch {
                    role,
                    function: String::from(name),
                    place,
                    host,
                    package,
                };
                match is_in_the_way {
                    true => self.mismatch(mismatch),
                    false => self.harmless.push(mismatch),
                }
            }
        }
        self.functions.push((String::from(name), role));
    }

    /// Looks at a pair, if it is a new one, and notes where it is.
    fn pair(&mut self, pair: Pair, found: &mut Vec<Difference>, harmless: &mut Vec<Difference>) {
        let (host, package) = (
            self.host.resolve(pair.host),
            self.package.resolve(pair.package),
        );
        let new = self.pairs.len();
        let id = *self.pairs.entry((host, package, pair.flow)).or_insert(new);
        if let Some(uses) = self.uses.get_mut(id) {
            uses.push(pair.part_of);
            return;
        }
        self.uses.push(vec![pair.part_of]);
        let before = found.len();
        self.new_pair(id, (host, package), pair.flow, pair.place, found, harmless);
        if found.len() > before {
            self.misfits.push_back((id, self.functions.len()));
        }
    }

    fn new_pair(
        &mut self,
        id: PairId,
        (host, package): (Type, Type),
        flow: Flow,
        reference: String,
        found: &mut Vec<Difference>,
        harmless: &mut Vec<Difference>,
    ) {
        let (Some(ours), Some(theirs)) = (self.host.kind(host), self.package.kind(package)) else {
            if host != package {
                found.push((
                    reference,
                    self.host.describe(host),
                    self.package.describe(package),
                ));
            }
            return;
        };
        let named =
            |contract: &Contract, ty| contract.def(ty).is_some_and(|def| def.name.is_some());
        let place = if named(self.host, host) {
            self.host.describe(host)
        } else {
            reference.clone()
        };
        // A node head may be absent on one side only where nobody writes what the other cannot read.
        let heads = (
            self.host.is_recursive(host),
            self.package.is_recursive(package),
        );
        let heads_fit = match (ours, flow) {
            (TypeKind::Variant(_), Flow::ToPackage) => heads.0 <= heads.1,
            (TypeKind::Variant(_), Flow::ToHost) => heads.0 >= heads.1,
            _ => heads.0 == heads.1,
        };
        if !heads_fit {
            let describe = |recursive| {
                String::from(if recursive {
                    "a recursive type"
                } else {
                    "a plain type"
                })
            };
            found.push((place, describe(heads.0), describe(heads.1)));
            return;
        }
        let mut push = |host, package, place| {
            self.queue.push_back(Pair {
                host,
                package,
                flow,
                place,
                part_of: Use::Part(id),
            })
        };
        match (ours, theirs) {
            (TypeKind::Record(ours), TypeKind::Record(theirs)) => {
                let names =
                    |fields: &[super::Field]| fields.iter().map(|f| f.name.clone()).collect();
                let (our_names, their_names): (Vec<String>, Vec<String>) =
                    (names(ours), names(theirs));
                if let Some((at, host, package)) =
                    first_difference("field", &our_names, &their_names)
                {
                    found.push((join(&place, &at), host, package));
                    return;
                }
                for (ours, theirs) in ours.iter().zip(theirs) {
                    push(
                        ours.ty,
                        theirs.ty,
                        join(&place, &format!("field {:?}", ours.name)),
                    );
                }
            }
            (TypeKind::Variant(ours), TypeKind::Variant(theirs)) => {
                let names = |cases: &[super::Case]| cases.iter().map(|c| c.name.clone()).collect();
                let (our_names, their_names): (Vec<String>, Vec<String>) =
                    (names(ours), names(theirs));
                let width = |contract: &Contract, ty, cases| {
                    Contract::discriminant_width(cases, contract.is_recursive(ty)).bytes()
                };
                let widths = (
                    width(self.host, host, ours.len()),
                    width(self.package, package, theirs.len()),
                );
                match labels_fit("case", &our_names, &their_names, widths, flow) {
                    Fit::Same => {}
                    Fit::Within((at, ours, theirs)) => {
                        harmless.push((join(&place, &at), ours, theirs));
                    }
                    Fit::Not((at, ours, theirs)) => {
                        found.push((join(&place, &at), ours, theirs));
                        return;
                    }
                }
                for (ours, theirs) in ours.iter().zip(theirs) {
                    let at = join(&place, &format!("case {:?}", ours.name));
                    match (ours.ty, theirs.ty) {
                        (Some(ours), Some(theirs)) => push(ours, theirs, at),
                        (None, None) => {}
                        (ours, theirs) => {
                            let describe = |contract: &Contract, ty: Option<Type>| {
                                ty.map_or(String::from("no payload"), |ty| {
                                    contract.display(ty).to_string()
                                })
                            };
                            found.push((
                                at,
                                describe(self.host, ours),
                                describe(self.package, theirs),
                            ));
                        }
                    }
                }
            }
            (TypeKind::Enum(ours), TypeKind::Enum(theirs))
            | (TypeKind::Flags(ours), TypeKind::Flags(theirs)) => {
                let names =
                    |labels: &[super::Label]| labels.iter().map(|l| l.name.clone()).collect();
                let (our_names, their_names): (Vec<String>, Vec<String>) =
                    (names(ours), names(theirs));
                let is_enum = matches!(self.host.kind(host), Some(TypeKind::Enum(_)));
                let width = |count: usize| match is_enum {
                    true => Contract::discriminant_width(count, false).bytes(),
                    false => u32::try_from(count.div_ceil(8)).unwrap_or(u32::MAX),
                };
                let what = if is_enum { "case" } else { "flag" };
                let widths = (width(our_names.len()), width(their_names.len()));
                match labels_fit(what, &our_names, &their_names, widths, flow) {
                    Fit::Same => {}
                    Fit::Within((at, ours, theirs)) => {
                        harmless.push((join(&place, &at), ours, theirs));
                    }
                    Fit::Not((at, ours, theirs)) => found.push((join(&place, &at), ours, theirs)),
                }
            }
            (TypeKind::Tuple(ours), TypeKind::Tuple(theirs)) if ours.len() == theirs.len() => {
                for (at, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
                    push(*ours, *theirs, join(&place, &format!("part {at}")));
                }
            }
            (TypeKind::FixedList(ours, n), TypeKind::FixedList(theirs, m)) if n == m => {
                push(*ours, *theirs, join(&place, "element"));
            }
            (TypeKind::List(ours), TypeKind::List(theirs)) => {
                push(*ours, *theirs, join(&place, "element"))
            }
            (TypeKind::Option(ours), TypeKind::Option(theirs)) => {
                push(*ours, *theirs, join(&place, "some"));
            }
            (TypeKind::Map(our_key, our_value), TypeKind::Map(their_key, their_value)) => {
                push(*our_key, *their_key, join(&place, "key"));
                push(*our_value, *their_value, join(&place, "value"));
            }
            (
                TypeKind::Result {
                    ok: ok_a,
                    err: err_a,
                },
                TypeKind::Result {
                    ok: ok_b,
                    err: err_b,
                },
            ) if ok_a.is_some() == ok_b.is_some() && err_a.is_some() == err_b.is_some() => {
                for (ours, theirs, at) in [(ok_a, ok_b, "ok"), (err_a, err_b, "error")] {
                    if let (Some(ours), Some(theirs)) = (ours, theirs) {
                        push(*ours, *theirs, join(&place, at));
                    }
                }
            }
            // A resource has no shape: what tells one from another is its name.
            (TypeKind::Resource(ours), TypeKind::Resource(theirs)) => {
                let (ours, theirs) = (
                    resource(self.host, host, *ours),
                    resource(self.package, package, *theirs),
                );
                if ours != theirs {
                    found.push((reference, ours, theirs));
                }
            }
            (TypeKind::Own(ours), TypeKind::Own(theirs))
            | (TypeKind::Borrow(ours), TypeKind::Borrow(theirs)) => {
                push(*ours, *theirs, place);
            }
            // Two named types of different shape: say the shapes, the names may well be equal.
            _ => {
                found.push((
                    reference,
                    self.host.describe(host),
                    self.package.describe(package),
                ));
            }
        }
    }
}

/// A resource by its full name and its side. That its interface has it twice, and so marks one, is the affair of one
/// contract: the side says which it is.
fn resource(contract: &Contract, ty: Type, provider: Provider) -> String {
    let name = contract.def(ty).and_then(|def| def.name.as_ref());
    let name = name.map(ToString::to_string).unwrap_or_default();
    let name = name.strip_prefix(EXPORTS).unwrap_or(&name);
    match provider {
        Provider::Host => format!("resource {name} of the host"),
        Provider::Package => format!("resource {name} of the package"),
    }
}

/// The name of a function in messages: `query.run`, `files.file.read` for a function of a resource; without the
/// interface for a function of the world itself.
pub fn function_name(interface: &Interface, function: &Function) -> String {
    let (interface, function) = (&interface.name, &function.name);
    FunctionName {
        interface,
        function,
    }
    .to_string()
}

fn join(place: &str, part: &str) -> String {
    format!("{place}, {part}")
}

/// Where two lists of names part.
fn first_difference(what: &str, host: &[String], package: &[String]) -> Option<Difference> {
    let at = host.iter().zip(package).position(|(a, b)| a != b);
    let at = at.or_else(|| (host.len() != package.len()).then(|| host.len().min(package.len())))?;
    let (ours, theirs) = (host.get(at), package.get(at));
    let name = |side: Option<&String>| match side {
        Some(name) => format!("{what} {name:?}"),
        None => format!("no further {what}"),
    };
    // A name that the other side lacks altogether is what a person looks for.
    for (mine, other, host_has) in [(ours, package, true), (theirs, host, false)] {
        if let Some(name) = mine.filter(|name| !other.contains(name)) {
            let (has, lacks) = (String::from("it"), format!("no such {what}"));
            let (host, package) = if host_has { (has, lacks) } else { (lacks, has) };
            return Some((format!("{what} {name:?}"), host, package));
        }
    }
    Some((
        format!("{what} number {}", at + 1),
        name(ours),
        name(theirs),
    ))
}

/// How the cases or flags of one side fit those of the other.
enum Fit {
    Same,
    /// The one who reads knows more.
    Within(Difference),
    Not(Difference),
}

/// Cases or flags fit if they are the same, or if the sender's are a prefix of the receiver's at one width.
fn labels_fit(
    what: &str,
    host: &[String],
    package: &[String],
    (host_width, package_width): (u32, u32),
    flow: Flow,
) -> Fit {
    let (sender, receiver) = match flow {
        Flow::ToPackage => (host, package),
        Flow::ToHost => (package, host),
    };
    let difference = first_difference(what, host, package);
    if !receiver.starts_with(sender) {
        return difference.map_or(Fit::Same, Fit::Not);
    }
    if host_width != package_width {
        let width = |bytes: u32| match bytes {
            1 => String::from("1 byte"),
            bytes => format!("{bytes} bytes"),
        };
        return Fit::Not((
            format!("width of the {what}s"),
            width(host_width),
            width(package_width),
        ));
    }
    difference.map_or(Fit::Same, Fit::Within)
}
