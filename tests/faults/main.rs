//! Faults: see below.

