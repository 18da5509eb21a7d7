use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use lwm2m_codec::ContentFormat;

use crate::memo::memo;
use crate::workbench::{RequestOptions, Workbench};

/// How requests of this page are made: Content-Formats, time to wait, and what is sent against all sense.
#[component]
pub(crate) fn RequestOptionsForm() -> impl IntoView {
    let bench = expect_context::<Workbench>();
    let options = bench.options;
    let formats = untrack(|| bench.formats()).map(|formats| formats.all().to_vec()).unwrap_or_default();
    let knows_depth = untrack(|| bench.version()) == "1.2";
    let timeout = RwSignal::new(
        options.with_untracked(|options| options.timeout_s.map(|s| s.to_string()).unwrap_or_default()),
    );
    let timeout_problem = memo(move || {
        let text = timeout.get();
        (!text.trim().is_empty() && seconds(&text).is_none())
            .then(|| format!("expected 1 to {} seconds", RequestOptions::TIMEOUT_MAX_S))
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        bench.dialog.set(None);
    };
    view! {
        <form on:submit=submit class="request-options">
            <div class="dialog-head"><h2 id="dialog-title">"Request options"</h2></div>
            <p class="dialog-endpoint">"They hold for every request from this page, until it is left."</p>
            <FormatChoice
                label="Ask for (Accept)"
                formats=formats.clone()
                chosen=Signal::derive(move || options.with(|options| options.accept))
                on_choice=Callback::new(move |format| options.update(|options| options.accept = format))
                automatic="automatic: the client picks"
                testid="option-accept"
            />
            <FormatChoice
                label="Write in (Content-Format)"
                formats=formats
                chosen=Signal::derive(move || options.with(|options| options.content_format))
                on_choice=Callback::new(move |format| options.update(|options| options.content_format = format))
                automatic="automatic: one that the client takes"
                testid="option-content-format"
            />
            <label class="form-field">
                <span>"Wait for the answer, in seconds"</span>
                <input
                    class="field mono"
                    inputmode="numeric"
                    placeholder="93"
                    data-testid="option-timeout"
                    aria-invalid=move || timeout_problem.with(Option::is_some).then_some("true")
                    prop:value=timeout
                    on:input=move |event| {
                        let text = event_target_value(&event);
                        options.update(|options| options.timeout_s = seconds(&text));
                        timeout.set(text);
                    }
                />
            </label>
            {move || timeout_problem.get().map(|problem| view! { <p class="form-problem" role="alert">{problem}</p> })}
            {knows_depth.then(|| view! {
                <label class="form-field">
                    <span>"Discover goes down (depth)"</span>
                    <select
                        class="field"
                        on:change=move |event| {
                            let depth = event_target_value(&event).parse().ok();
                            options.update(|options| options.depth = depth);
                        }
                    >
                        <option value="">"as far as usual"</option>
                        {(0..=3_u8).map(|depth| view! {
                            <option value=depth.to_string() selected=move || options.with(|options| options.depth == Some(depth))>
                                {format!("{depth} levels")}
                            </option>
                        }).collect_view()}
                    </select>
                </label>
            })}
            <Tick
                label="Cancel observations passively: Reset to the next notification, no request"
                on=Signal::derive(move || options.with(|options| options.passive))
                on_change=Callback::new(move |on| options.update(|options| options.passive = on))
            />
            <Tick
                label="Send it anyway (force): also what the client cannot be expected to answer, or has refused before"
                on=Signal::derive(move || options.with(|options| options.force))
                on_change=Callback::new(move |on| options.update(|options| options.force = on))
            />
            <div class="form-actions">
                <button type="submit" class="button primary">"Done"</button>
                <button type="button" class="button" on:click=move |_| {
                    options.set(RequestOptions::default());
                    timeout.set(String::new());
                }>"As usual"</button>
            </div>
        </form>
    }
}

/// A Content-Format, or none in particular.
#[component]
fn FormatChoice(
    label: &'static str,
    formats: Vec<ContentFormat>,
    chosen: Signal<Option<u16>>,
    on_choice: Callback<Option<u16>>,
    automatic: &'static str,
    testid: &'static str,
) -> impl IntoView {
    view! {
        <label class="form-field">
            <span>{label}</span>
            <select
                class="field"
                data-testid=testid
                on:change=move |event| on_choice.run(event_target_value(&event).parse().ok())
            >
                <option value="">{automatic}</option>
                {formats.into_iter().map(|format| view! {
                    <option value=format.0.to_string() selected=move || chosen.get() == Some(format.0)>
                        {format.to_string()}
                    </option>
                }).collect_view()}
            </select>
        </label>
    }
}

#[component]
fn Tick(label: &'static str, on: Signal<bool>, on_change: Callback<bool>) -> impl IntoView {
    view! {
        <label class="form-tick">
            <input type="checkbox" prop:checked=on on:change=move |event| on_change.run(event_target_checked(&event)) />
            <span>{label}</span>
        </label>
    }
}

fn seconds(text: &str) -> Option<u32> {
    text.trim().parse().ok().filter(|seconds| (1..=RequestOptions::TIMEOUT_MAX_S).contains(seconds))
}
