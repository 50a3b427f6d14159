"""Parameters that every list takes."""

from sessions_app.api.fields import Input, Text, Whole

MOST = 100


class Listing(Input):
    limit = Whole(min_value=1, max_value=MOST, required=False, help_text="How many at once; 20 if you do not say.")
    cursor = Text(max_length=250, required=False, help_text="From the link of the page before; it means nothing by itself.")
