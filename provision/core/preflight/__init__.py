"""What Feide's own validator would find, as rules on a record or an entry before anything is written."""
