use std::path::Path;

use anyhow::{Result, ensure};
use fantoccini::{
    Locator,
    actions::{InputSource as _, KeyAction, KeyActions},
    elements::Element,
    error::CmdError,
    key::Key,
};
use serde_json::Value;

use crate::{Browser, wait, wait::PATIENCE};

/// Elements with content beyond their right edge that can only be reached by scrolling, or not at all.
const WIDER_THAN_SHOWN: &str = "
    const frame = [document.scrollingElement, document.body];
    const scrolls = element => ['auto', 'scroll'].includes(getComputedStyle(element).overflowX)
        && !element.hasAttribute('data-scrolls-sideways');
    return [...frame, ...document.querySelectorAll('main, main *')]
        .filter(element => frame.includes(element) || scrolls(element))
        .filter(element => element.scrollWidth > element.clientWidth)
        .map(element => `${element.tagName}.${element.className}: ${element.scrollWidth} > ${element.clientWidth}`);
";

/// What an operator does on a page. An element is found anew for every look: the console replaces elements
/// whenever a value changes.
impl Browser {
    pub async fn open(&self, url: &str) -> Result<()> {
        Ok(self.client.goto(url).await?)
    }

    /// The back button.
    pub async fn go_back(&self) -> Result<()> {
        Ok(self.client.back().await?)
    }

    /// The forward button.
    pub async fn go_forward(&self) -> Result<()> {
        Ok(self.client.forward().await?)
    }

    pub async fn reload(&self) -> Result<()> {
        Ok(self.client.refresh().await?)
    }

    /// Path, query and fragment of the page that is shown.
    pub async fn address(&self) -> Result<String> {
        let url = self.client.current_url().await?;
        Ok(url[url::Position::BeforePath..].to_owned())
    }

    /// Waits until the page has that path, query and fragment.
    pub async fn see_address(&self, wanted: &str) -> Result<()> {
        let seen = self.see_address_that(|address| address == wanted).await;
        seen.map(drop).map_err(|error| error.context(format!("expected the address {wanted}")))
    }

    /// Waits until the path, query and fragment of the page are such.
    pub async fn see_address_that(&self, wanted: impl Fn(&str) -> bool) -> Result<String> {
        let mut last = String::new();
        let outcome = wait::until("the address", async || {
            last = self.address().await?;
            Ok(wanted(&last).then_some(()))
        })
        .await;
        match outcome {
            Ok(()) => Ok(last),
            Err(error) => Err(error.context(format!("the address was {last}"))),
        }
    }

    /// Runs a script in the page and returns its result.
    pub async fn evaluate(&self, script: &str) -> Result<Value> {
        Ok(self.client.execute(script, Vec::new()).await?)
    }

    /// Waits for an element that can be seen.
    pub async fn see(&self, selector: &str) -> Result<Element> {
        wait::until(&format!("`{selector}` to be seen"), async || {
            seen(async {
                let element = self.client.find(Locator::Css(selector)).await?;
                Ok(element.is_displayed().await?.then_some(element))
            })
            .await
        })
        .await
    }

    /// Waits until there are so many elements.
    pub async fn see_count(&self, selector: &str, count: usize) -> Result<()> {
        let mut last = 0;
        let what = format!("{count} of `{selector}`");
        let outcome = wait::until(&what, async || {
            last = self.client.find_all(Locator::Css(selector)).await?.len();
            Ok((last == count).then_some(()))
        })
        .await;
        outcome.map_err(|error| error.context(format!("there were {last} of `{selector}`")))
    }

    /// Waits until the text of an element is as wanted, and returns it.
    pub async fn see_text(&self, selector: &str, wanted: impl Fn(&str) -> bool) -> Result<String> {
        let mut last = None;
        let what = format!("the text of `{selector}`");
        let outcome = wait::until(&what, async || {
            seen(async {
                let text = self.client.find(Locator::Css(selector)).await?.text().await?;
                last = Some(text.clone());
                Ok(wanted(&text).then_some(text))
            })
            .await
        })
        .await;
        outcome.map_err(|error| error.context(format!("`{selector}` last had the text {last:?}")))
    }

    /// Waits until an attribute of an element has a value.
    pub async fn see_attribute(&self, selector: &str, name: &str, value: &str) -> Result<()> {
        let mut last = None;
        let what = format!("{name}={value} of `{selector}`");
        let outcome = wait::until(&what, async || {
            seen(async {
                last = self.client.find(Locator::Css(selector)).await?.attr(name).await?;
                Ok((last.as_deref() == Some(value)).then_some(()))
            })
            .await
        })
        .await;
        outcome.map_err(|error| error.context(format!("`{selector}` last had {name}={last:?}")))
    }

    /// Clicks as soon as that is possible.
    pub async fn click(&self, selector: &str) -> Result<()> {
        // WebDriver would scroll the element to the edge, where a sticky header may lie over it.
        let scroll = "arguments[0].scrollIntoView({ block: 'center' })";
        wait::until(&format!("`{selector}` to be clickable"), async || {
            seen(async {
                let element = self.client.find(Locator::Css(selector)).await?;
                self.client.execute(scroll, vec![serde_json::to_value(&element)?]).await?;
                element.click().await?;
                Ok(Some(()))
            })
            .await
        })
        .await
    }

    /// Replaces the text of an input.
    pub async fn fill(&self, selector: &str, text: &str) -> Result<()> {
        let input = self.see(selector).await?;
        input.clear().await?;
        Ok(input.send_keys(text).await?)
    }

    /// Gives files to an input for files.
    pub async fn choose_files(&self, selector: &str, files: &[&Path]) -> Result<()> {
        let input = self.client.find(Locator::Css(selector)).await?;
        let paths: Vec<_> = files.iter().map(|file| file.display().to_string()).collect();
        Ok(input.send_keys(&paths.join("\n")).await?)
    }

    /// Types, wherever the focus is.
    pub async fn type_text(&self, text: &str) -> Result<()> {
        let keys = text.chars().fold(KeyActions::new("keyboard".into()), |keys, value| {
            keys.then(KeyAction::Down { value }).then(KeyAction::Up { value })
        });
        Ok(self.client.perform_actions(keys).await?)
    }

    /// Presses a key, wherever the focus is.
    pub async fn press(&self, key: char) -> Result<()> {
        self.type_text(key.encode_utf8(&mut [0; 4])).await
    }

    pub async fn press_key(&self, key: Key) -> Result<()> {
        self.press(char::from(key)).await
    }

    /// Presses a key while others are held: `[Key::Control]` and `k`.
    pub async fn press_chord(&self, held: &[Key], key: char) -> Result<()> {
        let held = held.iter().copied().map(char::from);
        let down = held.clone().chain([key]).map(|value| KeyAction::Down { value });
        let up = [key].into_iter().chain(held.rev()).map(|value| KeyAction::Up { value });
        let keys = down.chain(up).fold(KeyActions::new("keyboard".into()), KeyActions::then);
        Ok(self.client.perform_actions(keys).await?)
    }

    /// Chooses a file for an `<input type=file>`, which may be hidden behind a button.
    pub async fn choose_file(&self, selector: &str, path: &Path) -> Result<()> {
        let input = self.client.wait().at_most(PATIENCE).for_element(Locator::Css(selector)).await?;
        Ok(input.send_keys(&path.display().to_string()).await?)
    }

    /// Moves the focus with the Tab key until it is on an element.
    pub async fn tab_to(&self, selector: &str) -> Result<()> {
        const MOST_STOPS: usize = 60;
        for _ in 0..MOST_STOPS {
            if self.has_focus(selector).await? {
                return Ok(());
            }
            self.press_key(Key::Tab).await?;
        }
        anyhow::bail!("`{selector}` is not reached with {MOST_STOPS} presses of Tab");
    }

    /// Whether the focus is on an element or inside of it.
    pub async fn has_focus(&self, selector: &str) -> Result<bool> {
        let script = "return document.activeElement?.closest(arguments[0]) != null";
        Ok(self.client.execute(script, vec![selector.into()]).await? == Value::Bool(true))
    }

    /// Waits until the focus is on an element or inside of it.
    pub async fn see_focus(&self, selector: &str) -> Result<()> {
        let look = async || Ok(self.has_focus(selector).await?.then_some(()));
        wait::until(&format!("the focus to be on `{selector}`"), look).await
    }

    /// Colour of the page.
    pub async fn background(&self) -> Result<String> {
        let script = "return getComputedStyle(document.body).backgroundColor";
        Ok(self.client.execute(script, Vec::new()).await?.to_string())
    }

    /// Waits until the colour of the page is as wanted.
    pub async fn see_background(&self, wanted: impl Fn(&str) -> bool) -> Result<()> {
        let look = async || Ok(wanted(&self.background().await?).then_some(()));
        wait::until("another colour of the page", look).await
    }

    /// Fails when one would have to scroll sideways to see everything, other than in a table whose columns have no end.
    pub async fn fits_its_width(&self) -> Result<()> {
        let wider = self.client.execute(WIDER_THAN_SHOWN, Vec::new()).await?;
        ensure!(wider == Value::Array(Vec::new()), "wider than the screen: {wider}");
        Ok(())
    }
}

/// An element that is not there, or not there any more, is one that has not been seen yet.
async fn seen<T>(look: impl Future<Output = Result<Option<T>, CmdError>>) -> Result<Option<T>> {
    match look.await {
        Ok(found) => Ok(found),
        Err(CmdError::Standard(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
