"""Jira Cloud's REST v3 beside Data Center's v2: the same issues under another contract.

Follows Atlassian's OpenAPI document of the Jira Cloud platform: account ids instead of user names, Atlassian
Document Format instead of wiki text, searches paged by token, e-mail address and API token as credentials.
"""
