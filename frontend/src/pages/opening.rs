use leptos::prelude::*;
use leptos::wasm_split::SplitLoaderError;

use crate::browser;
use crate::components::{EmptyState, Loading};
use crate::frame::Notices;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fetch {
    UnderWay,
    Done,
    Failed,
}

/// A page whose code may have to be fetched first: says so meanwhile, and what to do when that fails.
pub(crate) fn opening<Loaded, Page>(
    load: fn() -> Loaded,
    page: impl Fn() -> Page + Send + Sync + 'static,
) -> AnyView
where
    Loaded: Future<Output = Result<(), SplitLoaderError>> + 'static,
    Page: Future<Output = Result<AnyView, SplitLoaderError>> + Send + 'static,
{
    let fetch = RwSignal::new(Fetch::UnderWay);
    let attempt = Callback::new(move |()| {
        fetch.set(Fetch::UnderWay);
        leptos::task::spawn_local(async move {
            browser::style_later().await;
            // The page may have been left meanwhile.
            fetch.try_set(if load().await.is_ok() { Fetch::Done } else { Fetch::Failed });
        });
    });
    attempt.run(());
    let content = move || match fetch.get() {
        Fetch::UnderWay => view! { <Loading label="Loading the page" /> }.into_any(),
        Fetch::Done => shown(page()),
        Fetch::Failed => view! { <NotFetched attempt=attempt /> }.into_any(),
    };
    content.into_any()
}

/// Something that nobody sees before it is wanted. Its code is fetched then, if it is not there yet.
pub(crate) fn when_wanted<Loaded, Part>(
    wanted: Memo<bool>,
    load: fn() -> Loaded,
    part: impl Fn() -> Part + Send + Sync + 'static,
) -> AnyView
where
    Loaded: Future<Output = Result<(), SplitLoaderError>> + 'static,
    Part: Future<Output = Result<AnyView, SplitLoaderError>> + Send + 'static,
{
    let notices = expect_context::<Notices>();
    let here = RwSignal::new(false);
    Effect::new(move |_| {
        if wanted.get() && !here.get_untracked() {
            leptos::task::spawn_local(async move {
                match load().await {
                    Ok(()) => drop(here.try_set(true)),
                    Err(_) => {
                        notices.fail("This could not be loaded: the server is away, or has been updated.");
                    }
                }
            });
        }
    });
    let content = move || here.get().then(|| shown(part()));
    content.into_any()
}

fn shown(part: impl Future<Output = Result<AnyView, SplitLoaderError>> + Send + 'static) -> AnyView {
    // What is loaded stays loaded, so that nothing is left out here.
    Suspend::new(async move { part.await.ok() }).into_any()
}

/// The server is away, or has been updated and no longer has the parts of this page.
#[component]
fn NotFetched(
    /// Tries again.
    attempt: Callback<()>,
) -> impl IntoView {
    view! {
        <EmptyState title="This page could not be loaded" testid="not-fetched">
            <p>
                "Its code did not come from the server. Either the server is away, or it has been updated since this \
                 tab was opened."
            </p>
            <p class="actions">
                <button type="button" class="button" on:click=move |_| attempt.run(())>"Try again"</button>
                <button type="button" class="button primary" on:click=|_| browser::reload()>"Reload the console"</button>
            </p>
        </EmptyState>
    }
}
