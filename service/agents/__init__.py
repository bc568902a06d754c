"""What agents are served by: tools of the Model Context Protocol that scan screenshots and read crops.

May import the rest of the service but what needs FastAPI, which agents do without. The protocol's SDK stays in
`agent_server`; the tools are plain functions.
"""
