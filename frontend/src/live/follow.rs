use std::time::Duration;

use console_api::Topic;
use leptos::prelude::*;

use super::Live;
use crate::pause::Pause;

/// The server is asked when the typing pauses.
const TYPING_PAUSE: Duration = Duration::from_millis(140);

/// Asks for the part of a list that is on the screen, for as long as the calling component lives: at once, or when the
/// typing pauses where `text`, that is searched for, has changed. In the end `forget` takes away what came.
pub(crate) fn follow<V>(
    live: Live,
    view: Memo<V>,
    text: fn(&V) -> &str,
    topic: fn(V) -> Topic,
    forget: impl Fn() + Send + Sync + 'static,
) where
    V: Clone + Default + Send + Sync + 'static,
{
    let asked = StoredValue::new(V::default());
    let pause = Pause::new();
    Effect::new(move |before: Option<String>| {
        let view = view.get();
        let text = text(&view).to_owned();
        let ask = move || {
            asked.set_value(view.clone());
            live.subscribe(topic(view.clone()));
        };
        let typing = before.is_some_and(|before| before != text);
        if typing {
            pause.then(TYPING_PAUSE, ask);
        } else {
            pause.forget();
            ask();
        }
        text
    });
    on_cleanup(move || {
        live.unsubscribe(&topic(asked.get_value()));
        forget();
    });
}
