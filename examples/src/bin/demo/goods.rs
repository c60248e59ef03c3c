//! The goods of the shop.

pub(crate) struct Article {
    /// Identifies it in forms, carts and the name of its picture.
    pub(crate) key: &'static str,
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    pub(crate) cents: u32,
}

pub(crate) const GOODS: [Article; 6] = [
    Article { key: "tea", name: "Assam tea", description: "Second flush, 100 g in a tin", cents: 780 },
    Article { key: "mug", name: "Stoneware mug", description: "Glazed by hand, 300 ml", cents: 1650 },
    Article { key: "biscuits", name: "Butter biscuits", description: "A dozen, baked today", cents: 420 },
    Article { key: "honey", name: "Heather honey", description: "From the moor, 250 g", cents: 940 },
    Article { key: "lemons", name: "Amalfi lemons", description: "Three, unwaxed", cents: 360 },
    Article { key: "candle", name: "Beeswax candle", description: "Burns for forty hours", cents: 1290 },
];

pub(crate) fn find(key: &str) -> Option<&'static Article> {
    GOODS.iter().find(|article| article.key == key)
}

/// Writes a price, such as `€ 16.50`.
pub(crate) fn price(cents: u32) -> String {
    format!("€ {}.{:02}", cents / 100, cents % 100)
}
