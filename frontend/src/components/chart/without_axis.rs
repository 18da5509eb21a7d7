use leptos::prelude::*;

use super::state::ChartState;
use crate::live::Target;

/// Resources that have no axis, since there are two already.
pub(crate) fn without_axis(state: ChartState) -> Vec<Target> {
    let mut axes: Vec<String> = Vec::new();
    let mut without = Vec::new();
    for target in state.targets.get() {
        if state.kind(&target).is_lane() {
            continue;
        }
        let units = state.axis(&target);
        match (axes.contains(&units), axes.len()) {
            (true, _) => {}
            (false, 0 | 1) => axes.push(units),
            (false, _) => without.push(target),
        }
    }
    without
}
