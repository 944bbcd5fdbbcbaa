"""What a project folder is written in, a folder for each language: the table is `LANGUAGES` of
`qfx.backends.languages`.
"""
