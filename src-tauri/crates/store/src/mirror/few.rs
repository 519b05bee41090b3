//! The kinds with so few objects that their records are enough: account, webhook endpoints, coupons.

use countersign_domain::stripe::{Account, Coupon, ObjectKind, WebhookEndpoint};

use super::object::Mirrored;

impl Mirrored for Account {
    const KIND: ObjectKind = ObjectKind::Account;
}

impl Mirrored for WebhookEndpoint {
    const KIND: ObjectKind = ObjectKind::WebhookEndpoint;
}

impl Mirrored for Coupon {
    const KIND: ObjectKind = ObjectKind::Coupon;
}
