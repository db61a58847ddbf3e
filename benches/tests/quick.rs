//! That all who are measured give the right answers.

use std::process::Command;

#[test]
fn everyone_answers_right() {
    let output = Command::new(env!("CARGO_BIN_EXE_pack-bench"))
        .arg("--quick")
        .output();
    let output = output.expect("the bench runs");
    let (table, problems) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{problems}");
    for workload in [
        "nop",
        "echo tree of 10000",
        "load 10 functions",
        "add through a package",
    ] {
        assert!(table.contains(workload), "{workload} is not in:\n{table}");
    }
}
