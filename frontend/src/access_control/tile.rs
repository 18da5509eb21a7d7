use lwm2m_model::access_control::AccessRights;

/// What can be ticked in a cell of the matrix, and dragged there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tile {
    /// An entry of its own, which counts instead of the default even when it grants nothing.
    Entry,
    Right(AccessRights),
}

impl Tile {
    pub(crate) const RIGHTS: [Self; 5] = [
        Self::Right(AccessRights::READ),
        Self::Right(AccessRights::WRITE),
        Self::Right(AccessRights::EXECUTE),
        Self::Right(AccessRights::DELETE),
        Self::Right(AccessRights::CREATE),
    ];

    /// The number of the right in a list; 0 for the entry alone.
    pub(crate) const fn number(self) -> u16 {
        match self {
            Self::Entry => 0,
            Self::Right(right) => right.bits(),
        }
    }

    pub(crate) fn from_number(number: u16) -> Option<Self> {
        let all = [Self::Entry].into_iter().chain(Self::RIGHTS);
        all.into_iter().find(|tile| tile.number() == number)
    }

    /// The tile of a key.
    pub(crate) fn from_key(key: &str) -> Option<Self> {
        let all = [Self::Entry].into_iter().chain(Self::RIGHTS);
        all.into_iter().find(|tile| tile.letter().eq_ignore_ascii_case(key))
    }

    pub(crate) fn letter(self) -> &'static str {
        match self.number() {
            1 => "R",
            2 => "W",
            4 => "E",
            8 => "D",
            16 => "C",
            _ => "0",
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self.number() {
            1 => "Read",
            2 => "Write",
            4 => "Execute",
            8 => "Delete",
            16 => "Create",
            _ => "Own entry",
        }
    }

    /// What it allows.
    pub(crate) fn meaning(self) -> &'static str {
        match self.number() {
            1 => "Read, Observe, Write-Attributes",
            2 => "Write",
            4 => "Execute",
            8 => "Delete the Object Instance",
            16 => "Create Object Instances",
            _ => "An entry of its own without any right: the default does not count then",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_its_letter_and_number() {
        let letters: String = Tile::RIGHTS.iter().map(|tile| tile.letter()).collect();
        assert_eq!(letters, "RWEDC");
        for tile in Tile::RIGHTS.into_iter().chain([Tile::Entry]) {
            assert_eq!(Tile::from_number(tile.number()), Some(tile));
            assert_eq!(Tile::from_key(&tile.letter().to_lowercase()), Some(tile));
        }
        assert_eq!((Tile::from_number(3), Tile::from_key("x")), (None, None));
    }
}
