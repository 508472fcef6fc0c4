"""Servers that usage files are fetched from: SFTP and a web server with a list of files."""

from .sftp_server import SftpServer
from .web_server import ListedFile, WebServer

__all__ = ["ListedFile", "SftpServer", "WebServer"]
