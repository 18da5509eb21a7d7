use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;
use lwm2m_codec::Value;

use super::state::ChartState;
use crate::api;
use crate::chart::{Stretch, Texts, TimeView};
use crate::live::{Device, Target, TargetMap};
use crate::pause::Pause;

/// Columns that a screen can tell apart.
const COLUMNS: f64 = 800.0;

/// Buckets that the server is asked for: enough for as much again on either side, so that a little panning asks nothing.
const BUCKETS: usize = 2_400;

/// Payloads with texts that the server is asked for: the newest of the time.
const TEXTS: usize = 2_000;

/// Whoever zooms has not arrived yet.
const SETTLED: Duration = Duration::from_millis(150);

/// How long it is until what failed is tried again.
const ASK_AGAIN: Duration = Duration::from_secs(15);

/// What the server is asked for: the same is not asked for twice.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Question {
    target: Target,
    view: TimeView,
    version: u32,
}

/// Asks the server for what it has kept of the Resources that are shown, whenever what is there does not do. What went
/// wrong is told.
pub(crate) fn follow_stored(state: ChartState) -> RwSignal<TargetMap<String>> {
    let problems = RwSignal::new(TargetMap::<String>::default());
    let again = RwSignal::new(0_u32);
    let asked = StoredValue::new(Vec::<Question>::new());
    let versions = StoredValue::new(Vec::<(Target, u32)>::new());
    let pause = Pause::new();
    Effect::new(move |_| {
        again.track();
        state.track_values();
        state.live.structure.track();
        let view = state.view.get();
        let window = view.window(state.now_ms());
        let missing = move |target: &Target| {
            let version = |device: &Device| device.stored_version(&target.path);
            let version = state.live.with_device_of(target.device, version).flatten()?;
            let serves = versions.with_value(|known| known.contains(&(*target, version)))
                && state.stored.with_untracked(|stored| {
                    let serves = |known: &Arc<Stretch>| known.serves(window, COLUMNS, view.is_following());
                    stored.get(target).is_some_and(serves)
                });
            (!serves).then_some(Question { target: *target, view, version })
        };
        let missing: Vec<Question> =
            state.targets.with(|targets| targets.iter().filter_map(missing).collect());
        if missing.iter().all(|question| asked.with_value(|asked| asked.contains(question))) {
            return;
        }
        let ask = move || {
            let now_ms = state.live.clock() as f64;
            for question in &missing {
                asked.update_value(|asked| {
                    asked.retain(|one| one.target != question.target);
                    asked.push(*question);
                });
                let question = *question;
                let answered = move |answer: Result<Stretch, String>| {
                    let current = asked.try_with_value(|asked| asked.contains(&question)).unwrap_or(false);
                    match answer {
                        Ok(stretch) if current => {
                            versions.update_value(|known| {
                                known.retain(|(target, _)| *target != question.target);
                                known.push((question.target, question.version));
                            });
                            problems.update(|problems| match stretch.missing() {
                                Some(missing) => drop(problems.insert(question.target, missing)),
                                None => drop(problems.remove(&question.target)),
                            });
                            state.stored.update(|stored| {
                                stored.insert(question.target, Arc::new(stretch));
                            });
                        }
                        Err(message) if current => {
                            let message = format!(
                                "What is kept of {} cannot be read: {message}",
                                untrack(|| state.name(&question.target))
                            );
                            problems.update(|problems| drop(problems.insert(question.target, message)));
                        }
                        // Something else is wanted meanwhile, or the page is left.
                        _ => {}
                    }
                };
                leptos::task::spawn_local(ask_for(state, question, now_ms, answered));
            }
        };
        let first = state.stored.with_untracked(|stored| stored.is_empty());
        if first {
            ask();
        } else {
            pause.then(SETTLED, ask);
        }
    });
    Effect::new(move |_| {
        for target in state.targets.get() {
            let cell = state.live.watch_of(target).get();
            if let Some(cell) = cell
                && let Some(Value::String(text)) = cell.content.single()
            {
                let at_ms = cell.measured_ms.unwrap_or(cell.at_ms) as f64;
                state
                    .texts
                    .maybe_update(|texts| texts.get_or_insert(target, Texts::default).put(at_ms, text));
            }
        }
    });
    state.live.every(ASK_AGAIN, move || {
        if problems.with_untracked(|problems| !problems.is_empty()) {
            asked.set_value(Vec::new());
            again.update(|count| *count += 1);
        }
    });
    problems
}

async fn ask_for(
    state: ChartState,
    question: Question,
    now_ms: f64,
    answered: impl FnOnce(Result<Stretch, String>),
) {
    let Question { target, view, .. } = question;
    let ((from_ms, to_ms), span_ms) = (view.window(now_ms), view.span_ms());
    let open = to_ms + span_ms >= now_ms;
    let from = (from_ms - span_ms).max(0.0) as u64;
    // What comes while it is asked is heard.
    let to = if open { now_ms + 60_000.0 } else { to_ms + span_ms } as u64;
    let (endpoint, name) = (state.endpoint(&target), target.path.to_string());
    if untrack(|| state.is_text(&target)) {
        let page = api::history_page(&endpoint, &name, (from, to), TEXTS).await;
        let taken = page.map(|page| {
            state.texts.try_update(|texts| texts.get_or_insert(target, Texts::default).take(&name, &page));
            Stretch::elsewhere((from as f64, to as f64), open)
        });
        answered(taken.map_err(|failure| failure.told()));
        return;
    }
    let answer = api::history_buckets(&endpoint, &name, (from, to), BUCKETS).await;
    answered(answer.map(|told| Stretch::new(told, open)).map_err(|failure| failure.told()));
}

/// When the oldest value is that the server has kept.
pub(crate) async fn oldest_ms(state: ChartState, target: &Target) -> Option<f64> {
    let (endpoint, to) = (state.endpoint(target), state.live.clock());
    let told = api::history_buckets(&endpoint, &target.path.to_string(), (0, to), 1).await.ok()?;
    told.buckets.first().map(|bucket| bucket.first_ms as f64)
}
