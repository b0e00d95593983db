"""What the tests of this folder have in common: a connection to the sandbox that runs beside them."""
import os

import taos

HOST = os.environ["TAOS_HOST"]
PORT = int(os.environ["TAOS_PORT"])


def connect(**more):
    return taos.connect(host=HOST, port=PORT, user="root", password="taosdata", **more)


def fresh(name, options=""):
    """A connection with an empty database of this name selected."""
    conn = connect()
    conn.execute("drop database if exists %s" % name)
    conn.execute("create database %s keep 36500 %s" % (name, options))  # also rows of 1970
    conn.select_db(name)
    return conn
