//! Where Stripe is: one constant, or a stand-in on this machine.
//!
//! Separate from the client so that the rule "a live key goes to Stripe and nowhere else" is one small, pure file.

use countersign_domain::stripe::Mode;
use url::{Host, Url};

use super::key::Key;

/// Stripe's own address; the only one a live key is ever sent to.
const STRIPE: &str = "https://api.stripe.com/";

/// An address that requests may go to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// Stripe itself.
    Stripe,
    /// A stand-in on this machine, by its literal address.
    Loopback(Url),
}

/// Why an address is not used. Nothing was sent to it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressRefused {
    /// Not the address of a server at all, or with parts that do not belong there.
    #[error("an address such as http://127.0.0.1:8420 is expected, without path, query, user or password")]
    NotAnAddress,
    /// Another machine.
    #[error("only Stripe itself, or a stand-in on this machine (http://127.0.0.1:…), can be read")]
    NotLoopback,
    /// A live key for a stand-in.
    #[error("a live key is sent to api.stripe.com and nowhere else; use a test key here")]
    LiveKey,
}

impl Address {
    /// Reads the address of a stand-in. Stripe's own is accepted too.
    ///
    /// **Shape**: `http`, a loopback address or `localhost` (which becomes 127.0.0.1, so that no resolver has a say), a port.
    /// **Errors**: [`AddressRefused`].
    pub fn parse(text: &str) -> Result<Self, AddressRefused> {
        let mut url = Url::parse(text.trim()).map_err(|_| AddressRefused::NotAnAddress)?;
        if url.as_str() == STRIPE {
            return Ok(Self::Stripe);
        }
        let is_plain = url.username().is_empty()
            && url.password().is_none()
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none();
        if !is_plain {
            return Err(AddressRefused::NotAnAddress);
        }
        let is_loopback = match url.host() {
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            Some(Host::Domain("localhost")) => url.set_host(Some("127.0.0.1")).is_ok(),
            _ => false,
        };
        if is_loopback && url.scheme() == "http" { Ok(Self::Loopback(url)) } else { Err(AddressRefused::NotLoopback) }
    }

    /// Gives the host, with its port where it is a stand-in.
    #[must_use]
    pub fn host(&self) -> String {
        match self {
            Self::Stripe => "api.stripe.com".to_owned(),
            Self::Loopback(url) => url.authority().to_owned(),
        }
    }

    /// Refuses the key where it must not go.
    ///
    /// **Errors**: [`AddressRefused::LiveKey`].
    pub fn admits(&self, key: &Key) -> Result<(), AddressRefused> {
        match (self, key.mode()) {
            (Self::Loopback(_), Mode::Live) => Err(AddressRefused::LiveKey),
            _ => Ok(()),
        }
    }

    /// Gives the address of a path whose segments are encoded one by one.
    pub(super) fn url_of<'a>(&self, segments: impl IntoIterator<Item = &'a str>) -> Result<Url, AddressRefused> {
        let mut url = match self {
            Self::Stripe => Url::parse(STRIPE).map_err(|_| AddressRefused::NotAnAddress)?,
            Self::Loopback(url) => url.clone(),
        };
        url.path_segments_mut().map_err(|()| AddressRefused::NotAnAddress)?.clear().extend(segments);
        Ok(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stand_ins_live_on_this_machine() {
        for (text, shown) in [
            ("http://127.0.0.1:8420", "http://127.0.0.1:8420/"),
            (" http://localhost:1/ ", "http://127.0.0.1:1/"),
            ("http://[::1]:8420", "http://[::1]:8420/"),
            ("http://127.9.9.9:8420", "http://127.9.9.9:8420/"),
        ] {
            assert_eq!(Address::parse(text), Ok(Address::Loopback(shown.parse().unwrap())), "{text}");
        }
        assert_eq!(Address::parse("https://api.stripe.com"), Ok(Address::Stripe));
    }

    #[test]
    fn every_way_to_point_elsewhere_is_refused() {
        for text in [
            "http://api.stripe.com",
            "https://api.stripe.com.evil.example",
            "https://api.stripe.com@evil.example",
            "https://api.stripe.com:444",
            "https://api.stripe.com/v1",
            "https://127.0.0.1:8420",
            "http://127.0.0.1.evil.example",
            "http://127.0.0.1:8420/v1",
            "http://127.0.0.1:8420/?x=1",
            "http://127.0.0.1:8420/#x",
            "http://user@127.0.0.1:8420",
            "http://user:pass@127.0.0.1:8420",
            "http://localhost.evil.example",
            "http://0.0.0.0:8420",
            "http://10.0.0.1",
            "http://192.168.1.1",
            "http://169.254.169.254",
            "http://[::]:1",
            "http://[::ffff:127.0.0.1]:1",
            "http://[fe80::1]:1",
            "file:///etc/passwd",
            "ftp://127.0.0.1/",
            "unix:/run/x.sock",
            "data:text/plain,x",
            "//127.0.0.1",
            "127.0.0.1:8420",
            "localhost",
            "",
        ] {
            assert!(Address::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_live_key_goes_to_stripe_only() {
        let stand_in = Address::parse("http://127.0.0.1:1").unwrap();
        for (text, refused) in [
            ("rk_live_0123456789", true),
            ("sk_live_0123456789", true),
            ("rk_test_0123456789", false),
            ("sk_test_0123456789", false),
        ] {
            let (key, _) = Key::read(text).unwrap();
            assert_eq!(stand_in.admits(&key).is_err(), refused, "{text}");
            assert_eq!(Address::Stripe.admits(&key), Ok(()));
        }
    }

    #[test]
    fn an_id_cannot_leave_its_segment() {
        let url = Address::Stripe.url_of(["v1", "coupons", "../a b?c=d/e"]).unwrap();
        assert_eq!(url.as_str(), "https://api.stripe.com/v1/coupons/..%2Fa%20b%3Fc=d%2Fe");
    }
}
