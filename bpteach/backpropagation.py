"""Backpropagation twice: `backprop` for one example, and `backprop_matrix` for a whole mini-batch at once.

Read the two side by side. What differs is the case of the letters (one column, many columns) and the lines where the
examples are summed: BP3, where it is written, and BP4, where the product does it.
"""

from bpteach.arguments import require_example, require_input, require_mini_batch
from bpteach.functions import cost_derivative, sigmoid, sigmoid_prime


def backprop(net, x, y):
    """Compute the gradient of the cost C_x = ½‖a^L − y‖² of one example.

    Parameters
    ----------
    net : Network
        The network; it is not changed.
    x, y : arrays, shapes (n_1, 1) and (n_L, 1)
        The input and the desired output.

    Returns
    -------
    nabla_b, nabla_w : lists of arrays, shapes of `net.biases` and `net.weights`
        ∂C_x/∂b, which is also the error δ of each layer (BP3), and ∂C_x/∂w.

    Raises
    ------
    TypeError, ValueError
        If `x` or `y` is no array of float32 or float64; if a shape does not fit, or a number is not finite.

    References
    ----------
    Nielsen, *Neural Networks and Deep Learning*, chapter 2, equations (BP1) to (BP4).

    Examples
    --------
    >>> import numpy as np
    >>> from bpteach import Network
    >>> net = Network([2, 1], weights=[np.array([[1.0, -1.0]])], biases=[np.array([[0.0]])])
    >>> nabla_b, nabla_w = backprop(net, np.array([[3.0], [3.0]]), np.array([[1.0]]))
    >>> print(nabla_b[0], nabla_w[0])  # (0.5 - 1) · 0.25, and that times the inputs
    [[-0.125]] [[-0.375 -0.375]]
    """
    require_example(net, x, y)
    nabla_b = [None] * len(net.biases)
    nabla_w = [None] * len(net.weights)
    # forward: keep every z and every activation
    a = x
    zs, activations = [], [x]
    for b, w in zip(net.biases, net.weights, strict=True):
        z = w @ a + b
        a = sigmoid(z)  # (25)
        zs.append(z)
        activations.append(a)
    # backward: l = 1 is the last layer, l = 2 the one before it
    delta = cost_derivative(activations[-1], y) * sigmoid_prime(zs[-1])  # BP1
    nabla_b[-1] = delta  # BP3
    nabla_w[-1] = delta @ activations[-2].T  # BP4
    for l in range(2, len(net.sizes)):
        delta = (net.weights[-l + 1].T @ delta) * sigmoid_prime(zs[-l])  # BP2
        nabla_b[-l] = delta  # BP3
        nabla_w[-l] = delta @ activations[-l - 1].T  # BP4
    return nabla_b, nabla_w


def backprop_matrix(net, X, Y):
    """Compute the gradients of all the examples of a mini-batch at once, summed.

    Parameters
    ----------
    net : Network
        The network; it is not changed.
    X, Y : arrays, shapes (n_1, m) and (n_L, m)
        The inputs and the desired outputs, one column an example.

    Returns
    -------
    nabla_b, nabla_w : lists of arrays, shapes of `net.biases` and `net.weights`
        The sums of ∂C_x/∂b and of ∂C_x/∂w over the columns.

    Raises
    ------
    TypeError, ValueError
        If `X` or `Y` is no array of float32 or float64; if a shape does not fit, `X` and `Y` differ in m, m is 0, or a
        number is not finite.

    References
    ----------
    Nielsen, *Neural Networks and Deep Learning*, chapter 2, problem "Fully matrix-based approach to backpropagation
    over a mini-batch".

    Examples
    --------
    >>> import numpy as np
    >>> from bpteach import Network
    >>> net = Network([2, 1], weights=[np.array([[1.0, -1.0]])], biases=[np.array([[0.0]])])
    >>> nabla_b, nabla_w = backprop_matrix(net, np.array([[3.0, 1.0], [3.0, 1.0]]), np.array([[1.0, 1.0]]))
    >>> print(nabla_b[0], nabla_w[0])  # the sum of two examples
    [[-0.25]] [[-0.5 -0.5]]
    """
    require_mini_batch(net, X, Y)
    nabla_b = [None] * len(net.biases)
    nabla_w = [None] * len(net.weights)
    # forward: keep every Z and every activation
    A = X
    Zs, activations = [], [X]
    for b, w in zip(net.biases, net.weights, strict=True):
        Z = w @ A + b  # b is one column: NumPy adds it to each column
        A = sigmoid(Z)  # (25)
        Zs.append(Z)
        activations.append(A)
    # backward: l = 1 is the last layer, l = 2 the one before it
    Delta = cost_derivative(activations[-1], Y) * sigmoid_prime(Zs[-1])  # BP1
    nabla_b[-1] = Delta.sum(axis=1, keepdims=True)  # BP3, summed over the examples
    nabla_w[-1] = Delta @ activations[-2].T  # BP4: this product sums over the examples
    for l in range(2, len(net.sizes)):
        Delta = (net.weights[-l + 1].T @ Delta) * sigmoid_prime(Zs[-l])  # BP2
        nabla_b[-l] = Delta.sum(axis=1, keepdims=True)  # BP3, summed over the examples
        nabla_w[-l] = Delta @ activations[-l - 1].T  # BP4
    return nabla_b, nabla_w


def feedforward(net, x):
    """Send `x` through the network, layer by layer.

    Parameters
    ----------
    net : Network
        The network.
    x : array, shape (n_1, 1) or (n_1, m)
        The input, one column an example. Complex numbers pass.

    Returns
    -------
    array, shape (n_L, 1) or (n_L, m)
        The output activations a^L.

    Raises
    ------
    TypeError, ValueError
        If `x` is no array of floats or complex numbers; if its shape does not fit, or a number is not finite.

    References
    ----------
    Nielsen, *Neural Networks and Deep Learning*, chapter 2, equation (25).

    Examples
    --------
    >>> import numpy as np
    >>> from bpteach import Network
    >>> net = Network([2, 1], weights=[np.array([[1.0, -1.0]])], biases=[np.array([[0.0]])])
    >>> print(feedforward(net, np.array([[3.0], [3.0]])))
    [[0.5]]
    """
    require_input(net, x)
    a = x
    for b, w in zip(net.biases, net.weights, strict=True):
        a = sigmoid(w @ a + b)  # (25)
    return a


def forward_pass(net, X):
    """Give every layer's weighted inputs and activations, for pictures and checks; bad arguments are not refused."""
    Zs, activations = [], [X]
    for b, w in zip(net.biases, net.weights, strict=True):
        Zs.append(w @ activations[-1] + b)  # (25)
        activations.append(sigmoid(Zs[-1]))
    return Zs, activations
