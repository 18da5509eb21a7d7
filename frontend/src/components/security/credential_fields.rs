use console_api::CredentialMode;
use leptos::prelude::*;

use crate::memo::memo;
use crate::security::{Draft, Field, Issue, Problem};

/// What a device of the chosen mode proves itself with.
#[component]
pub(super) fn Fields(draft: RwSignal<Draft>, problem: RwSignal<Option<Problem>>) -> impl IntoView {
    let mode = memo(move || draft.with(|draft| draft.mode));
    move || match mode.get() {
        CredentialMode::Psk => view! { <PskFields draft=draft problem=problem /> }.into_any(),
        CredentialMode::Rpk => view! { <RpkFields draft=draft problem=problem /> }.into_any(),
        CredentialMode::X509 => view! { <CertificateFields draft=draft problem=problem /> }.into_any(),
    }
}

#[component]
fn PskFields(draft: RwSignal<Draft>, problem: RwSignal<Option<Problem>>) -> impl IntoView {
    let typed = memo(move || draft.with(|draft| !draft.generate));
    view! {
        <TextField
            draft=draft problem=problem field=Field::Identity
            label="PSK identity; empty: the endpoint name" testid="credential-identity"
            part=|draft| &mut draft.identity
        />
        <Generated draft=draft generated="Generate a key (128 bits)" given="I have a key" />
        {move || typed.get().then(|| view! {
            <TextField
                draft=draft problem=problem field=Field::Key
                label="Key, in hexadecimal" testid="credential-key"
                part=|draft| &mut draft.key
            />
        })}
    }
}

#[component]
fn RpkFields(draft: RwSignal<Draft>, problem: RwSignal<Option<Problem>>) -> impl IntoView {
    let typed = memo(move || draft.with(|draft| !draft.generate));
    view! {
        <Generated draft=draft generated="Generate a key pair" given="I have the public key" />
        {move || typed.get().then(|| view! {
            <TextArea
                draft=draft problem=problem field=Field::PublicKey
                label="Public key of the device: PEM, or DER in base64 or hexadecimal" testid="credential-public-key"
                part=|draft| &mut draft.public_key
            />
        })}
    }
}

#[component]
fn CertificateFields(draft: RwSignal<Draft>, problem: RwSignal<Option<Problem>>) -> impl IntoView {
    let issue = memo(move || draft.with(|draft| draft.issue));
    let own = "Issued by the authority of this server; its common name is the endpoint name";
    let options = vec![
        (Issue::Own, own, "issue-own"),
        (Issue::Named, "Any of a trusted authority that has this name", "issue-named"),
        (Issue::Given, "This one and no other", "issue-given"),
    ];
    view! {
        <Choices draft=draft legend="Certificate" options=options part=|draft| &mut draft.issue />
        {move || (issue.get() == Issue::Own).then(|| view! {
            <TextArea
                draft=draft problem=problem field=Field::Csr
                label="Certificate request (PEM); empty: the server makes the key" testid="credential-csr"
                part=|draft| &mut draft.csr
            />
        })}
        {move || (issue.get() == Issue::Given).then(|| view! {
            <TextArea
                draft=draft problem=problem field=Field::Certificate
                label="Certificate of the device: PEM, or DER in base64 or hexadecimal" testid="credential-certificate"
                part=|draft| &mut draft.certificate
            />
        })}
    }
}

/// Whether the server makes the secret.
#[component]
fn Generated(draft: RwSignal<Draft>, generated: &'static str, given: &'static str) -> impl IntoView {
    let options = vec![(true, generated, "key-generated"), (false, given, "key-given")];
    view! { <Choices draft=draft legend="Key" options=options part=|draft| &mut draft.generate /> }
}

/// One of a few; `options`: what it means, what people read, where tests look.
#[component]
fn Choices<T: Copy + PartialEq + Send + Sync + 'static>(
    draft: RwSignal<Draft>,
    legend: &'static str,
    options: Vec<(T, &'static str, &'static str)>,
    part: fn(&mut Draft) -> &mut T,
) -> impl IntoView {
    let chosen = memo(move || draft.with(|draft| *part(&mut draft.clone())));
    let one = move |(wanted, title, testid): (T, &'static str, &'static str)| {
        view! {
            <label class="credential-choice">
                <input
                    type="radio" name=legend data-testid=testid
                    prop:checked=move || chosen.get() == wanted
                    on:change=move |_| draft.update(|draft| *part(draft) = wanted)
                />
                {title}
            </label>
        }
    };
    view! {
        <fieldset class="credential-choices">
            <legend>{legend}</legend>
            {options.into_iter().map(one).collect_view()}
        </fieldset>
    }
}

/// One line of the draft, with what is wrong with it.
#[component]
pub(super) fn TextField(
    draft: RwSignal<Draft>,
    problem: RwSignal<Option<Problem>>,
    field: Field,
    label: &'static str,
    testid: &'static str,
    part: fn(&mut Draft) -> &mut String,
) -> impl IntoView {
    let wrong = wrong(problem, field);
    view! {
        <label class="form-field">
            <span>{label}</span>
            <input
                class="field"
                class:mono=field == Field::Key
                data-testid=testid
                autocomplete="off"
                spellcheck="false"
                aria-invalid=move || wrong.get().map(|_| "true")
                prop:value=move || draft.with(|draft| part(&mut draft.clone()).clone())
                on:input=move |event| draft.update(|draft| *part(draft) = event_target_value(&event))
            />
            <Wrong wrong=wrong />
        </label>
    }
}

/// Several lines of the draft: what is pasted.
#[component]
fn TextArea(
    draft: RwSignal<Draft>,
    problem: RwSignal<Option<Problem>>,
    field: Field,
    label: &'static str,
    testid: &'static str,
    part: fn(&mut Draft) -> &mut String,
) -> impl IntoView {
    let wrong = wrong(problem, field);
    view! {
        <label class="form-field">
            <span>{label}</span>
            <textarea
                class="field mono"
                rows="5"
                data-testid=testid
                spellcheck="false"
                aria-invalid=move || wrong.get().map(|_| "true")
                prop:value=move || draft.with(|draft| part(&mut draft.clone()).clone())
                on:input=move |event| draft.update(|draft| *part(draft) = event_target_value(&event))
            ></textarea>
            <Wrong wrong=wrong />
        </label>
    }
}

fn wrong(problem: RwSignal<Option<Problem>>, field: Field) -> Memo<Option<String>> {
    memo(move || {
        problem.with(|problem| {
            let problem = problem.as_ref().filter(|problem| problem.field == field)?;
            Some(format!("Expected {}", problem.expected))
        })
    })
}

#[component]
fn Wrong(wrong: Memo<Option<String>>) -> impl IntoView {
    move || {
        wrong.get().map(|text| {
            view! { <span class="form-problem" role="alert" data-testid="field-problem">{text}</span> }
        })
    }
}
