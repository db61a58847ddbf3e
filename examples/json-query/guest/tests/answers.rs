//! What the package answers, next to what jq answers.

mod common;

use common::{read_json, run};

/// The table of answers: see its head for how it is to be read.
const ANSWERS: &str = include_str!("answers.txt");

#[test]
fn answers_are_those_of_jq() {
    let mut document = "";
    let mut cases: Vec<(&str, &str, Vec<&str>)> = Vec::new();
    for line in ANSWERS
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        if let Some(output) = line.strip_prefix("    ") {
            cases.last_mut().unwrap().2.push(output);
        } else if let Some(filter) = line.strip_prefix("  ") {
            cases.push((document, filter, Vec::new()));
        } else {
            document = line;
        }
    }
    assert!(cases.len() > 600, "{} cases", cases.len());
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|(document, filter, expected)| check(document, filter, expected))
        .collect();
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n")
    );
}

/// Says what is wrong with the answer, if anything is.
fn check(document: &str, filter: &str, expected: &[&str]) -> Option<String> {
    let answer = run(document, filter);
    let right = match (&answer, expected) {
        (Err(message), [error]) => error.strip_prefix("! ") == Some(message),
        (Ok(outputs), _) if !expected.iter().any(|line| line.starts_with("! ")) => {
            outputs.iter().eq(&expected
                .iter()
                .map(|text| read_json(text))
                .collect::<Vec<_>>())
        }
        _ => false,
    };
    (!right).then(|| {
        format!("{document}\n  {filter}\n    jq says {expected:?}\n    not     {answer:?}")
    })
}
