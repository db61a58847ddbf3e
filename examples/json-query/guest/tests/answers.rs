//! What the package answers, next to what jq answers.

mod common;

use common::{run, tables};
use json_query_guest::demo::json_query::types::Json;

#[test]
fn answers_are_those_of_jq() {
    tables::check_answers(run);
}
