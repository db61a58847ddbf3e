//! From texts to a resolved world, by `wit-parser`, whose errors become diagnostics here.

use std::any::Any;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

use wit_parser::{
    ParseError, ParseErrorKind, Resolve, ResolveError, ResolveErrorKind, SourceMap,
    UnresolvedPackageGroup, WorldId,
};

use super::Features;
use super::placeholder::Numbers;
use super::source::{Sources, Spot};
use crate::{Diagnostic, Diagnostics, Mistakes, Subject};

/// Parses all packages and selects a world of the first.
pub(super) fn resolve(
    sources: &mut Sources,
    world: Option<&str>,
    features: &Features,
) -> Result<(Resolve, WorldId), Mistakes> {
    let mut numbers = sources.unused_numbers();
    let (mut groups, mut mistakes) = (Vec::new(), Vec::new());
    for package in sources.packages.clone() {
        match parse(sources, package, &mut numbers) {
            Ok(group) => groups.push(group),
            Err(mistake) => mistakes.push(mistake),
        }
    }
    Diagnostics::none_of(mistakes)?;
    let names = groups
        .iter()
        .flat_map(|group| group.nested.iter().chain([&group.main]));
    let names: Vec<String> = names.map(|package| format!("`{}`", package.name)).collect();
    let mut groups = groups.into_iter();
    let Some(main) = groups.next() else {
        return Err(Diagnostic::new("there is no WIT text").into());
    };
    let mut resolve = Resolve::new();
    match features {
        Features::All => resolve.all_features = true,
        Features::These(names) => resolve.features.extend(names.iter().cloned()),
    }
    let pushed = guarded(|| resolve.push_groups(main, groups.collect()))?;
    let package =
        pushed.map_err(|error| resolve_error(sources, &resolve.source_map, &names, &error))?;
    let subject = world.map_or(Subject::Wit, |_| Subject::World);
    let world = super::world::select(&resolve, package, world).map_err(Mistakes::of(subject))?;
    Ok((resolve, world))
}

/// Parses the files of one package, with placeholders in those that have recursive types.
fn parse(
    sources: &mut Sources,
    files: Range<usize>,
    numbers: &mut Numbers,
) -> Result<UnresolvedPackageGroup, Diagnostic> {
    // Each round but the last gives placeholders to one more file.
    loop {
        let map = sources.source_map(files.clone());
        let (map, error) = match guarded(|| map.parse())? {
            Ok(group) => return Ok(group),
            Err(failed) => failed,
        };
        let spot = sources.spot(&map, error.kind().span());
        if let (ParseErrorKind::TypeCycle { kind, .. }, Some(spot)) = (error.kind(), &spot)
            && kind == "type"
            && sources.replace_references(spot.file, numbers)
        {
            continue;
        }
        return Err(parse_error(sources, files, spot, &error));
    }
}

/// Some mistakes make `wit-parser` panic (a doubled `@since` on a `use` from another package does).
fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, Diagnostic> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic: Box<dyn Any + Send>| {
        let said = panic.downcast_ref::<String>().map(String::as_str);
        let said = said
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("no reason given");
        Diagnostic::new("wit-parser gave up on this WIT text without saying where")
            .with_help(format!("it panicked with: {said}"))
    })
}

fn parse_error(
    sources: &Sources,
    files: Range<usize>,
    spot: Option<Spot>,
    error: &ParseError,
) -> Diagnostic {
    let before = spot
        .as_ref()
        .and_then(|spot| sources.text(spot.file).get(..spot.start));
    let (message, help) = match error.kind() {
        ParseErrorKind::Lex(error) => {
            let spot = lexical_spot(sources, files).or(spot);
            return located(
                sources,
                spot.clone(),
                &lexical_message(sources, spot, error.to_string()),
            );
        }
        ParseErrorKind::ItemNotFound { kind, name, .. } => {
            let renamed = match name.as_str() {
                "float32" => Some("f32"),
                "float64" => Some("f64"),
                _ => None,
            };
            let help = renamed.map(|new| format!("this type is called `{new}` now"));
            (format!("{kind} `{name}` does not exist"), help)
        }
        // What `scan` leaves as it is: handles, and types that are only other names.
        ParseErrorKind::TypeCycle { kind, name, .. } if kind == "type" => {
            if before.is_some_and(|before| before.trim_end().ends_with('<')) {
                (
                    format!("type `{name}` leads to itself through a handle"),
                    Some(
                        "`own` and `borrow` are of resources: refer to the type itself".to_owned(),
                    ),
                )
            } else {
                (
                    format!("`{name}` leads from one name to the next without an end"),
                    Some(
                        "one of these types must say what it is: a record, a variant, a `list`, …"
                            .to_owned(),
                    ),
                )
            }
        }
        ParseErrorKind::TypeCycle { name, .. } => {
            let after = |keyword| before.is_some_and(|before| before.trim_end().ends_with(keyword));
            if after("world") || after("include") {
                (
                    format!("`{name}` leads into a circle of worlds that include each other"),
                    Some("move what they share into a world of its own".to_owned()),
                )
            } else {
                (
                    format!("`{name}` leads into a circle of interfaces that use each other"),
                    Some(
                        "types can be recursive inside one interface only: define those that need each other in \
                         one, and `use` them from there"
                            .to_owned(),
                    ),
                )
            }
        }
        kind if !kind.span().is_known() => {
            // The one error without a place: no file has a package header.
            let spot = Spot {
                file: files.start,
                start: 0,
                end: 0,
            };
            let help = "start the text with `package my:name;`";
            return located(sources, Some(spot), &kind.to_string()).with_help(help);
        }
        kind => return located(sources, spot, &kind.to_string()),
    };
    let diagnostic = located(sources, spot, &message);
    match help {
        Some(help) => diagnostic.with_help(help),
        None => diagnostic,
    }
}

/// The lexer's words, but for characters that it refuses anywhere, which it shows in an odd form.
fn lexical_message(sources: &Sources, spot: Option<Spot>, message: String) -> String {
    let refused = ["Control code", "Codepoint", "Input contains"]
        .iter()
        .any(|start| message.starts_with(start));
    let at = spot.and_then(|spot| sources.text(spot.file).get(spot.start..)?.chars().next());
    match at {
        Some(c) if refused => format!("the character U+{:04X} is not allowed in WIT", u32::from(c)),
        _ => message,
    }
}

/// Where the lexer stops. Some of its errors count from the start of their file without saying which file
/// that is, so each is read alone.
fn lexical_spot(sources: &Sources, mut files: Range<usize>) -> Option<Spot> {
    files.find_map(|file| {
        let (map, error) = sources.source_map(file..file + 1).parse().err()?;
        matches!(error.kind(), ParseErrorKind::Lex(_))
            .then(|| sources.spot(&map, error.kind().span()))?
    })
}

/// `names` are those of all packages, for messages.
fn resolve_error(
    sources: &Sources,
    map: &SourceMap,
    names: &[String],
    error: &ResolveError,
) -> Diagnostic {
    let spot = sources.spot(map, error.kind().span());
    match error.kind() {
        ResolveErrorKind::PackageNotFound { requested, .. } => {
            let how = if sources.has_folder {
                "put its .wit files into a folder below `deps`".to_owned()
            } else {
                format!("nest it in this text, `package {requested} {{ … }}`, or give a folder that has it in `deps`")
            };
            located(sources, spot, &format!("package `{requested}` is not found"))
                .with_help(format!("{how}; known packages: {}", names.join(", ")))
        }
        ResolveErrorKind::DuplicatePackage { name, span2, .. } => {
            let first = sources.spot(map, *span2).and_then(|spot| sources.locate(&spot));
            let diagnostic = located(sources, spot, &format!("package `{name}` is there twice"));
            match first {
                Some(first) => diagnostic.with_help(format!("it is also at {}:{}", first.file, first.line)),
                None => diagnostic,
            }
        }
        ResolveErrorKind::InvalidTransitiveDependency { .. } => located(sources, spot, &error.to_string()).with_help(
            "by way of another interface it imports what the world exports: export that other interface as well",
        ),
        kind => located(sources, spot, &kind.to_string()),
    }
}

/// A diagnostic from a message that may have hints on further lines.
fn located(sources: &Sources, spot: Option<Spot>, message: &str) -> Diagnostic {
    let location = spot.and_then(|spot| sources.locate(&whole_word(sources, spot)));
    let (message, hint) = message.split_once('\n').unwrap_or((message, ""));
    let diagnostic = Diagnostic::new(message).at(location);
    if hint.is_empty() {
        diagnostic
    } else {
        diagnostic.with_help(hint)
    }
}

/// Lexical errors point at one byte; the word that starts there is what is meant.
fn whole_word(sources: &Sources, spot: Spot) -> Spot {
    let rest = sources
        .text(spot.file)
        .get(spot.start..)
        .unwrap_or_default();
    let word = rest
        .find(|c: char| !c.is_alphanumeric() && c != '-')
        .unwrap_or(rest.len());
    Spot {
        end: spot.end.max(spot.start + word),
        ..spot
    }
}
