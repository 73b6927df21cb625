"""What Cygni measures by itself (pure; the control plane looks, and keeps what is counted here).

    hours   whole hours, which are what is told of
    runs    what runs from when to when, put together from looks at it
    due     what is still to be told of an hour, where some was told before

What is looked at now and then is put together to what ran between two looks, and an hour is told of when it is over and
all of it is known. What turns out later is told as the difference, so that the events of an hour always sum up to what
is known of it.
"""
