use std::{collections::BTreeMap, time::Duration};

use anyhow::Result;
use fantoccini::Locator;
use fantoccini::actions::{
    ActionSequence, InputSource as _, MOUSE_BUTTON_LEFT, MouseActions, PointerAction, TouchActions,
};

use crate::Browser;

/// Where a drag goes: a few steps, as a hand makes them.
const STEP: Duration = Duration::from_millis(40);

/// How long a finger rests before it drags.
const REST: Duration = Duration::from_millis(500);

/// What an operator drags over a page.
impl Browser {
    /// With the mouse, from the middle of one element to that of another.
    pub async fn drag(&self, from: &str, to: &str) -> Result<()> {
        let way = self.way(from, to, Duration::ZERO).await?;
        self.perform(way.into_iter().fold(MouseActions::new("mouse".into()), MouseActions::then)).await
    }

    /// With the mouse, which holds it at the lower edge of an area for a while and drops it there.
    pub async fn drag_to_lower_edge(&self, from: &str, area: &str, hold: Duration) -> Result<()> {
        let from = self.client.find(Locator::Css(from)).await?;
        let area = self.client.find(Locator::Css(area)).await?;
        let (.., height) = area.rectangle().await?;
        let to = |element, y| PointerAction::MoveToElement { element, duration: Some(STEP), x: 0.0, y };
        let way = MouseActions::new("mouse".into())
            .then(to(from, 0.0))
            .then(PointerAction::Down { button: MOUSE_BUTTON_LEFT })
            .then(to(area.clone(), 0.0))
            .then(to(area, height / 2.0 - 6.0))
            .then(PointerAction::Pause { duration: hold })
            .then(PointerAction::Up { button: MOUSE_BUTTON_LEFT });
        self.perform(way).await
    }

    /// With the mouse over one element after the other, and dropped on the last.
    pub async fn drag_along(&self, from: &str, over: &[String], step: Duration) -> Result<()> {
        let to = |element| PointerAction::MoveToElement { element, duration: Some(step), x: 0.0, y: 0.0 };
        let mut way = MouseActions::new("mouse".into())
            .then(to(self.client.find(Locator::Css(from)).await?))
            .then(PointerAction::Down { button: MOUSE_BUTTON_LEFT });
        let mut found = BTreeMap::new();
        for selector in over {
            if !found.contains_key(selector) {
                found.insert(selector, self.client.find(Locator::Css(selector)).await?);
            }
            way = way.then(to(found[selector].clone()));
        }
        self.perform(way.then(PointerAction::Up { button: MOUSE_BUTTON_LEFT })).await
    }

    /// With a finger that rests on the element before it moves.
    pub async fn drag_by_touch(&self, from: &str, to: &str) -> Result<()> {
        let way = self.way(from, to, REST).await?;
        self.perform(way.into_iter().fold(TouchActions::new("finger".into()), TouchActions::then)).await
    }

    async fn perform(&self, way: impl Into<ActionSequence>) -> Result<()> {
        Ok(self.client.perform_actions(way).await?)
    }

    async fn way(&self, from: &str, to: &str, rest: Duration) -> Result<Vec<PointerAction>> {
        let scroll = "arguments[0].scrollIntoView({ block: 'nearest', inline: 'nearest' })";
        let from = self.client.find(Locator::Css(from)).await?;
        let to = self.client.find(Locator::Css(to)).await?;
        self.client.execute(scroll, vec![serde_json::to_value(&to)?]).await?;
        self.client.execute(scroll, vec![serde_json::to_value(&from)?]).await?;
        let over = |element, x| PointerAction::MoveToElement { element, duration: Some(STEP), x, y: 0.0 };
        Ok(vec![
            over(from.clone(), 0.0),
            PointerAction::Down { button: MOUSE_BUTTON_LEFT },
            PointerAction::Pause { duration: rest },
            over(from, 9.0),
            over(to.clone(), -9.0),
            over(to, 0.0),
            PointerAction::Pause { duration: STEP },
            PointerAction::Up { button: MOUSE_BUTTON_LEFT },
        ])
    }
}
