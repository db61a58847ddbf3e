//! Scopes as text.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::name::{Package, Qualified, id};
use super::scope::{Scope, ScopeKind, scopes};
use super::{MAX_WIT_LENGTH, WitError};
use crate::schema::{Contract, Function, FunctionKind, Interface, ROOT, Type, TypeDef, TypeKind};

/// The whole file.
pub(super) fn contract(contract: &Contract) -> Result<String, WitError> {
    let scopes = scopes(contract)?;
    let home = scopes.iter().find_map(|scope| match scope.kind {
        ScopeKind::World(name) => Some(name.package),
        _ => None,
    });
    let Some(home) = home else {
        return Ok(String::new());
    };
    let mut packages: BTreeMap<Package<'_>, Vec<&Scope<'_>>> = BTreeMap::new();
    let mut own = Vec::new();
    for scope in &scopes {
        match scope.kind {
            ScopeKind::Interface(name) if name.package == home => own.push(scope),
            ScopeKind::Interface(name) => packages.entry(name.package).or_default().push(scope),
            _ => {}
        }
    }
    let mut printer = Printer {
        contract,
        scopes: &scopes,
        room: MAX_WIT_LENGTH,
    };
    printer.compare_twins()?;
    let mut blocks = alloc::vec![format!("package {};\n", home.header()?)];
    for scope in own {
        blocks.push(printer.interface(scope, home, 0)?);
    }
    for scope in scopes
        .iter()
        .filter(|s| matches!(s.kind, ScopeKind::World(_)))
    {
        blocks.push(printer.world(scope, home)?);
    }
    for (package, scopes) in packages {
        let interfaces = scopes
            .into_iter()
            .map(|scope| printer.interface(scope, package, 1))
            .collect::<Result<Vec<_>, _>>()?;
        blocks.push(format!(
            "package {} {{\n{}}}\n",
            package.header()?,
            interfaces.join("\n")
        ));
    }
    Ok(blocks.join("\n"))
}

struct Printer<'a> {
    contract: &'a Contract,
    scopes: &'a [Scope<'a>],
    /// How many bytes may still be written.
    room: usize,
}

/// Something in a scope. Short ones of one group stand together, others apart.
struct Item {
    group: Group,
    text: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Group {
    Use,
    Type,
    Import,
    Function,
    Export,
}

impl Printer<'_> {
    /// `interface name { … }`
    fn interface(
        &mut self,
        scope: &Scope<'_>,
        package: Package<'_>,
        depth: usize,
    ) -> Result<String, WitError> {
        let (ScopeKind::Interface(name) | ScopeKind::Twin(name)) = scope.kind else {
            return Ok(String::new());
        };
        let head = format!("interface {}", id(name.name)?);
        self.block(scope, &head, package, depth)
    }

    /// WIT has one definition of an interface for both directions.
    fn compare_twins(&mut self) -> Result<(), WitError> {
        let interfaces: BTreeMap<_, _> = self
            .scopes
            .iter()
            .filter_map(|scope| match scope.kind {
                ScopeKind::Interface(name) => Some((name, scope)),
                _ => None,
            })
            .collect();
        let room = self.room;
        for twin in self.scopes {
            if let ScopeKind::Twin(name) = twin.kind
                && let Some(interface) = interfaces.get(&name)
                && self.body(twin, name.package, 0)? != self.body(interface, name.package, 0)?
            {
                return Err(WitError::Sides {
                    interface: name.name.to_string(),
                });
            }
        }
        self.room = room;
        Ok(())
    }

    /// An interface with the head that it has where it stands.
    fn block(
        &mut self,
        scope: &Scope<'_>,
        head: &str,
        package: Package<'_>,
        depth: usize,
    ) -> Result<String, WitError> {
        let body = self.body(scope, package, depth)?;
        self.braces(scope.docs, head, &body, depth)
    }

    /// What is in an interface.
    fn body(
        &mut self,
        scope: &Scope<'_>,
        package: Package<'_>,
        depth: usize,
    ) -> Result<String, WitError> {
        let mut items = self.uses(scope, package, depth + 1)?;
        items.extend(self.types(scope, depth + 1)?);
        for function in &scope.functions {
            if function.kind() == FunctionKind::Free {
                items.push(self.function(scope, function, Group::Function, depth + 1)?);
            }
        }
        Ok(join(items))
    }

    fn world(&mut self, scope: &Scope<'_>, package: Package<'_>) -> Result<String, WitError> {
        let ScopeKind::World(name) = scope.kind else {
            return Ok(String::new());
        };
        let mut items = self.uses(scope, package, 1)?;
        items.extend(self.types(scope, 1)?);
        for interface in &self.contract.imports {
            items.extend(self.side(scope, interface, Group::Import, package)?);
        }
        for interface in &self.contract.exports {
            items.extend(self.side(scope, interface, Group::Export, package)?);
        }
        let head = format!("world {}", id(name.name)?);
        self.braces(scope.docs, &head, &join(items), 0)
    }

    /// What a world says of one interface that it imports or exports.
    fn side(
        &mut self,
        world: &Scope<'_>,
        interface: &Interface,
        group: Group,
        package: Package<'_>,
    ) -> Result<Vec<Item>, WitError> {
        if interface.name == ROOT {
            let functions = interface.functions.iter();
            return functions
                .filter(|function| function.kind() == FunctionKind::Free)
                .map(|function| self.function(world, function, group, 1))
                .collect();
        }
        let keyword = keyword(group);
        if interface.name.contains(':') {
            let path = Qualified::new(&interface.name)?.path(package)?;
            return Ok(alloc::vec![self.item(
                group,
                1,
                "",
                &format!("{keyword}{path};")
            )?]);
        }
        let is_meant = |scope: &&Scope<'_>| match scope.kind {
            ScopeKind::Import(name) => group == Group::Import && name == interface.name,
            ScopeKind::Export(name) => group == Group::Export && name == interface.name,
            _ => false,
        };
        let Some(scope) = self.scopes.iter().find(is_meant) else {
            return Ok(Vec::new());
        };
        let head = format!("{keyword}{}: interface", id(&interface.name)?);
        let text = self.block(scope, &head, package, 1)?;
        Ok(alloc::vec![Item { group, text }])
    }

    /// `use other.{a, b as c};`
    fn uses(
        &mut self,
        scope: &Scope<'_>,
        package: Package<'_>,
        depth: usize,
    ) -> Result<Vec<Item>, WitError> {
        let mut items = Vec::new();
        for (source, names) in &scope.uses {
            let path = Qualified::new(source)?.path(package)?;
            let mut list = Vec::new();
            for (name, local) in names {
                let (name, local) = (id(name)?, id(local)?);
                list.push(match name == local {
                    true => name,
                    false => format!("{name} as {local}"),
                });
            }
            let text = format!("use {path}.{{{}}};", list.join(", "));
            items.push(self.item(Group::Use, depth, "", &text)?);
        }
        Ok(items)
    }

    fn types(&mut self, scope: &Scope<'_>, depth: usize) -> Result<Vec<Item>, WitError> {
        let mut items = Vec::new();
        for ty in &scope.types {
            if let Some(def) = self.contract.types.get(ty.index()) {
                items.push(self.definition(scope, def, depth)?);
            }
        }
        Ok(items)
    }

    fn definition(
        &mut self,
        scope: &Scope<'_>,
        def: &TypeDef,
        depth: usize,
    ) -> Result<Item, WitError> {
        let name = id(def.name.as_ref().map_or("", |name| &name.name))?;
        let keyword = def.kind.keyword();
        let members: Vec<(&str, String)> = match &def.kind {
            TypeKind::Record(fields) => fields
                .iter()
                .map(|field| {
                    let text = format!("{}: {}", id(&field.name)?, self.ty(scope, field.ty)?);
                    Ok((field.docs.as_str(), text))
                })
                .collect::<Result<_, _>>()?,
            TypeKind::Variant(cases) => cases
                .iter()
                .map(|case| {
                    let text = match case.ty {
                        Some(ty) => format!("{}({})", id(&case.name)?, self.ty(scope, ty)?),
                        None => id(&case.name)?,
                    };
                    Ok((case.docs.as_str(), text))
                })
                .collect::<Result<_, _>>()?,
            TypeKind::Enum(labels) | TypeKind::Flags(labels) => labels
                .iter()
                .map(|label| Ok((label.docs.as_str(), id(&label.name)?)))
                .collect::<Result<_, _>>()?,
            TypeKind::Resource(_) => return self.resource(scope, def, &name, depth),
            other => {
                let shape = match other {
                    TypeKind::Alias(target) => self.alias(scope, *target)?,
                    other => self.shape(scope, other)?,
                };
                return self.item(
                    Group::Type,
                    depth,
                    &def.docs,
                    &format!("type {name} = {shape};"),
                );
            }
        };
        let lines = members
            .iter()
            .map(|(docs, text)| self.lines(depth + 1, docs, &format!("{text},")))
            .collect::<Result<Vec<_>, _>>()?;
        let text = self.braces(
            &def.docs,
            &format!("{keyword} {name}"),
            &lines.concat(),
            depth,
        )?;
        Ok(Item {
            group: Group::Type,
            text,
        })
    }

    /// `resource name { … }`
    fn resource(
        &mut self,
        scope: &Scope<'_>,
        def: &TypeDef,
        name: &str,
        depth: usize,
    ) -> Result<Item, WitError> {
        let own = def.name.as_ref().map(|name| name.name.as_str());
        let mut items = Vec::new();
        for function in scope.functions.iter().filter(|f| f.resource() == own) {
            items.push(self.function(scope, function, Group::Function, depth + 1)?);
        }
        let head = format!("resource {name}");
        let text = match items.is_empty() {
            true => self.lines(depth, &def.docs, &format!("{head};"))?,
            false => self.braces(&def.docs, &head, &join(items), depth)?,
        };
        let group = Group::Type;
        Ok(Item { group, text })
    }

    fn function(
        &mut self,
        scope: &Scope<'_>,
        function: &Function,
        group: Group,
        depth: usize,
    ) -> Result<Item, WitError> {
        let kind = function.kind();
        // A method's first parameter is the resource, which goes without saying.
        let implied = usize::from(matches!(kind, FunctionKind::Method { .. }));
        let params = function
            .params
            .iter()
            .skip(implied)
            .map(|param| {
                Ok(format!(
                    "{}: {}",
                    id(&param.name)?,
                    self.ty(scope, param.ty)?
                ))
            })
            .collect::<Result<Vec<_>, WitError>>()?;
        let mut result = match function.result {
            Some(ty) => format!(" -> {}", self.ty(scope, ty)?),
            None => String::new(),
        };
        let is_static = matches!(kind, FunctionKind::Static { .. });
        let of_result = function.result.and_then(|ty| self.contract.kind(ty));
        let of_result = matches!(of_result, Some(TypeKind::Result { .. }));
        let head = match kind {
            FunctionKind::Constructor { .. } => {
                if !of_result {
                    result.clear();
                }
                "constructor".to_string()
            }
            FunctionKind::Free => format!("{}: ", id(&function.name)?),
            FunctionKind::Method { name, .. } | FunctionKind::Static { name, .. } => {
                format!("{}: ", id(name)?)
            }
        };
        let mut words = String::new();
        if !matches!(kind, FunctionKind::Constructor { .. }) {
            words.push_str(if is_static { "static " } else { "" });
            words.push_str(if function.is_async { "async " } else { "" });
            words.push_str("func");
        }
        let text = format!(
            "{}{head}{words}({}){result};",
            keyword(group),
            params.join(", ")
        );
        self.item(group, depth, &function.docs, &text)
    }

    fn ty(&mut self, scope: &Scope<'_>, ty: Type) -> Result<String, WitError> {
        let (Type::Id(at), Some(def)) = (ty, self.contract.def(ty)) else {
            return Ok(self.contract.display(ty).to_string());
        };
        let text = match (&def.name, &def.kind) {
            (Some(name), _) => id(scope.local(at, &name.name))?,
            // The name of a resource stands for a handle that owns it.
            (None, TypeKind::Own(resource)) => return self.ty(scope, *resource),
            // A contract bounds how deep types nest outside of named ones, so this ends.
            (None, kind) => self.shape(scope, kind)?,
        };
        self.take(text.len())?;
        Ok(text)
    }

    /// What an alias stands for. There, the name of a resource is the resource itself.
    fn alias(&mut self, scope: &Scope<'_>, target: Type) -> Result<String, WitError> {
        match self.contract.def(target) {
            Some(TypeDef {
                name: None,
                kind: kind @ TypeKind::Own(_),
                ..
            }) => self.shape(scope, kind),
            _ => self.ty(scope, target),
        }
    }

    /// A type without a name.
    fn shape(&mut self, scope: &Scope<'_>, kind: &TypeKind) -> Result<String, WitError> {
        let parts = match kind {
            TypeKind::Result {
                ok: None,
                err: None,
            } => Vec::new(),
            TypeKind::Result { ok, err: None } => alloc::vec![*ok],
            TypeKind::Result { ok, err } => alloc::vec![*ok, *err],
            other => other.references().into_iter().map(Some).collect(),
        };
        let parts = parts
            .into_iter()
            .map(|part| part.map_or(Ok("_".to_string()), |ty| self.ty(scope, ty)))
            .collect::<Result<Vec<_>, _>>()?;
        let (keyword, mut list) = (kind.keyword(), parts.join(", "));
        if let TypeKind::FixedList(_, count) = kind {
            list = format!("{list}, {count}");
        }
        match list.is_empty() && !matches!(kind, TypeKind::Tuple(_)) {
            true => Ok(keyword.to_string()),
            false => Ok(format!("{keyword}<{list}>")),
        }
    }

    fn item(
        &mut self,
        group: Group,
        depth: usize,
        docs: &str,
        text: &str,
    ) -> Result<Item, WitError> {
        let text = self.lines(depth, docs, text)?;
        Ok(Item { group, text })
    }

    /// One line, after its documentation.
    fn lines(&mut self, depth: usize, docs: &str, line: &str) -> Result<String, WitError> {
        let indent = INDENT.repeat(depth);
        let mut text = String::new();
        for doc in docs.lines() {
            // Spaces at the end of a line are no part of it when it is read.
            let doc: String = doc.trim_end().chars().map(readable).collect();
            let lead = if doc.is_empty() { "///" } else { "/// " };
            text.extend([&indent, lead, &doc, "\n"]);
        }
        text.extend([&indent, line, "\n"]);
        self.take(text.len())?;
        Ok(text)
    }

    /// `head { … }`
    fn braces(
        &mut self,
        docs: &str,
        head: &str,
        inside: &str,
        depth: usize,
    ) -> Result<String, WitError> {
        if inside.is_empty() {
            return self.lines(depth, docs, &format!("{head} {{}}"));
        }
        let mut text = self.lines(depth, docs, &format!("{head} {{"))?;
        text.push_str(inside);
        text.push_str(&self.lines(depth, "", "}")?);
        Ok(text)
    }

    fn take(&mut self, bytes: usize) -> Result<(), WitError> {
        self.room = self.room.checked_sub(bytes).ok_or(WitError::TooLong)?;
        Ok(())
    }
}

const INDENT: &str = "    ";

/// What goes before the name of a world's item.
fn keyword(group: Group) -> &'static str {
    match group {
        Group::Import => "import ",
        Group::Export => "export ",
        Group::Use | Group::Type | Group::Function => "",
    }
}

/// Items with blank lines between them, but for short ones of one group.
fn join(items: Vec<Item>) -> String {
    let mut text = String::new();
    let mut before: Option<Item> = None;
    for item in items {
        let is_short = |item: &Item| item.text.lines().count() == 1;
        let together =
            |before: &Item| before.group == item.group && is_short(before) && is_short(&item);
        if before.as_ref().is_some_and(|before| !together(before)) {
            text.push('\n');
        }
        text.push_str(&item.text);
        before = Some(item);
    }
    text
}

/// WIT refuses characters that change how text is shown, and some that Unicode discourages.
fn readable(c: char) -> char {
    match c {
        '\t' => c,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => char::REPLACEMENT_CHARACTER,
        '\u{149}' | '\u{673}' | '\u{f77}' | '\u{f79}' | '\u{17a3}' | '\u{17a4}' | '\u{17b4}'
        | '\u{17b5}' => char::REPLACEMENT_CHARACTER,
        c if c.is_control() => char::REPLACEMENT_CHARACTER,
        c => c,
    }
}
