//! Every application does the work that is measured.

mod work;
