//! Inputs that once failed, and the simplest ones, replayed without libFuzzer.

use std::{fs, path::Path};

use crate::CHECKS;

#[test]
fn the_shortest_inputs_hold() {
    for (_, check) in CHECKS {
        check(&[]);
        for first in 0..=u8::MAX {
            check(&[first]);
            for second in 0..=u8::MAX {
                check(&[first, second]);
            }
        }
    }
}

/// `regressions/<target>/<input>`
#[test]
fn what_once_failed_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("regressions");
    let Ok(targets) = fs::read_dir(&folder) else { return };
    for target in targets.map(Result::unwrap) {
        let name = target.file_name().into_string().unwrap();
        let (_, check) = CHECKS.into_iter().find(|(known, _)| *known == name).expect("a target of that name");
        for input in fs::read_dir(target.path()).unwrap() {
            let input = input.unwrap().path();
            println!("{}", input.display());
            check(&fs::read(input).unwrap());
        }
    }
}
