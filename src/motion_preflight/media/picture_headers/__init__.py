"""The headers of pictures, read without decoding: sides, orientation, and evidence of missing
bytes.

Metadata is read here, within bounds, so that the decoder gets nothing but picture data.
"""
